// Resize every picture of a folder with eleventy-img, as a site's templates would ask for it, and list what was made.
// node resize.mjs FOLDER OUTPUT WIDTHS WEBP_QUALITY JPEG_QUALITY

import { readdirSync, writeFileSync } from "node:fs";
import Image from "@11ty/eleventy-img";

const [folder, output, widths, webp, jpeg] = process.argv.slice(2);
const names = readdirSync(folder).sort();
const options = {
  widths: widths.split(",").map(Number),
  formats: ["webp", "jpeg"],
  outputDir: output,
  urlPath: "/",
  sharpWebpOptions: { quality: Number(webp) },
  sharpJpegOptions: { quality: Number(jpeg) },
};
const made = await Promise.all(names.map((name) => Image(`${folder}/${name}`, options)));
const files = (sizes) => sizes.map(({ width, filename }) => `/${filename} ${width}w`).join(", ");
const lists = made.map(({ webp, jpeg }, at) => [names[at], `${files(webp)}, ${files(jpeg)}`]);
writeFileSync(`${output}/index.json`, JSON.stringify(Object.fromEntries(lists)));
