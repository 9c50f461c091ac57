// The Hugo site of the comparison, for Eleventy: the same pages at the same addresses, with as little as it takes.

const SIZE = 20; // articles on a page of a list
const FEED = 20;
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

const slug = (name) => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");

const pages = (articles, address) => {
  const total = Math.max(1, Math.ceil(articles.length / SIZE));
  const url = (number) => (number === 1 ? address : `${address}page/${number}/`);
  return Array.from({ length: total }, (_, at) => ({
    articles: articles.slice(at * SIZE, (at + 1) * SIZE),
    number: at + 1,
    total,
    url: url(at + 1),
    newer: at ? url(at) : "",
    older: at + 1 < total ? url(at + 2) : "",
  }));
};

export default function (config) {
  const newest = (api) =>
    api.getFilteredByGlob("content/news/*.md").sort((a, b) => b.data.publishedDateTime - a.data.publishedDateTime);
  const topics = (api) => {
    const found = new Map();
    for (const article of newest(api)) {
      for (const name of article.data.topics ?? []) {
        if (!found.has(name)) found.set(name, []);
        found.get(name).push(article);
      }
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, articles]) => ({ name, articles, slug: slug(name) }));
  };
  config.addCollection("feed", (api) => newest(api).slice(0, FEED));
  config.addCollection("home", (api) => pages(newest(api), "/"));
  config.addCollection("topics", topics);
  config.addCollection("terms", (api) =>
    topics(api).flatMap(({ name, articles, slug }) => pages(articles, `/topics/${slug}/`).map((page) => ({ name, ...page }))),
  );
  config.addFilter("slug", slug);
  config.addFilter("day", (date) => DAY.format(new Date(date)));
  config.addFilter("iso", (date) => new Date(date).toISOString().replace(".000", ""));
  config.addFilter("rfc", (date) => new Date(date).toUTCString());
  return { markdownTemplateEngine: false };
}
