import { basename } from "node:path";

export default {
  layout: "article.njk",
  permalink: (data) => `/news/${basename(data.page.inputPath, ".md")}/`,
};
