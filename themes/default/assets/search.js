// The search page: the index is asked as the reader types, and the address holds what was asked.
const form = document.querySelector("form.search");
const { index, home, zone, found, none, failed } = form.dataset;
const field = form.elements.q;
const list = document.querySelector(".search-results");
const status = document.querySelector(".search-status");
const more = document.querySelector(".search-more");
const pattern = document.querySelector("template").content;
const language = document.documentElement.lang;
const numbers = new Intl.NumberFormat(language);
const dates = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: zone });
const names = ["topic", "outlet", "year", "type"];
const step = 10;
let engine; // a promise of Pagefind, once it is needed
let results = [];
let turn = 0; // of asking: an answer that comes after a later question is dropped

const load = () => {
  engine ??= (async () => {
    const pagefind = await import(new URL(`${index}pagefind.js`, location));
    await pagefind.options({ excerptLength: 36, ranking: { metaWeights: { title: 5, outlet: 1, published: 0 } } });
    offer(await pagefind.filters());
    return pagefind;
  })();
  return engine;
};

// Let the filters hold what there is, with the number of articles.
const offer = (counts) => {
  for (const name of names) {
    const select = form.elements[name];
    const options = [...select.options];
    const rows = Object.entries(counts[name] ?? {});
    rows.sort(name === "year" ? ([a], [b]) => b - a : ([a], [b]) => a.localeCompare(b, language));
    for (const [value, count] of rows) {
      let option = options.find((one) => one.value === value);
      if (!option) select.append((option = new Option(value, value)));
      option.dataset.label ??= option.text;
      option.text = `${option.dataset.label} (${numbers.format(count)})`;
      option.disabled = !count && !option.selected;
    }
    const asked = new URLSearchParams(location.search).get(name);
    if (asked !== null && !select.dataset.set) select.value = asked;
    select.dataset.set = true;
  }
};

// Return text with what the index marked in it: other marks are escaped there, and nothing is markup here.
const marked = (excerpt) =>
  excerpt.split(/<\/?mark>/).map((part, at) => {
    const text = part.replaceAll("&lt;", "<").replaceAll("&gt;", ">");
    if (at % 2 === 0) return text;
    const mark = document.createElement("mark");
    mark.textContent = text;
    return mark;
  });

const row = ({ raw_url, meta, filters, excerpt }) => {
  const item = pattern.cloneNode(true);
  const link = item.querySelector("a");
  const time = item.querySelector("time");
  const published = new Date(meta.published.slice(2) * 1000);
  link.href = home + raw_url.slice(1).split("/").map(encodeURIComponent).join("/");
  link.textContent = meta.title;
  if (filters.language) item.querySelector("article").lang = filters.language[0];
  item.querySelector(".card-excerpt").append(...marked(excerpt));
  item.querySelector(".outlet").textContent = meta.outlet ?? "";
  time.dateTime = published.toISOString();
  time.textContent = dates.format(published);
  if (filters.type?.[0] !== "video") item.querySelector(".kind").remove();
  return item;
};

// Show the next results; the first ones take the place of those of an earlier question.
const show = async (now, at) => {
  const next = await Promise.all(results.slice(at, at + step).map((result) => result.data()));
  if (now !== turn) return;
  if (!at) list.replaceChildren();
  list.append(...next.map(row));
  more.hidden = list.children.length >= results.length;
};

const fail = (error) => {
  console.error(error);
  status.textContent = failed;
};

const ask = async () => {
  const now = ++turn;
  const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  const { q = "", sort, ...filters } = given;
  history.replaceState(null, "", `${location.pathname}?${new URLSearchParams(given)}`.replace(/\?$/, ""));
  try {
    const pagefind = await load();
    const isAsked = q || Object.keys(filters).length;
    const order = sort || !q ? { sort: { date: "desc" } } : {};
    const answer = isAsked
      ? await pagefind.search(q || null, { filters, ...order })
      : { results: [], totalFilters: await pagefind.filters() };
    if (now !== turn) return;
    offer(answer.totalFilters);
    results = answer.results;
    await show(now, 0);
    if (now !== turn) return;
    status.textContent = !isAsked ? "" : results.length ? `${found} ${numbers.format(results.length)}` : none;
  } catch (error) {
    fail(error);
  }
};

let waiting;
form.addEventListener("input", (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, event.target === field ? 120 : 0);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  ask();
});
more.addEventListener("click", async () => {
  const at = list.children.length;
  await show(turn, at);
  list.children[at]?.querySelector("a").focus();
});

// Arrows go from the field through the results, a slash or Escape back to it.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isField = event.target === field;
  const links = [...list.querySelectorAll("a")];
  const at = isField ? -1 : links.indexOf(event.target);
  const leave = () => event.preventDefault();
  if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) leave(field.select(), field.focus());
  else if (event.key === "Escape" && at >= 0) field.focus();
  else if (event.key === "ArrowDown" && (isField || at >= 0) && links[at + 1]) leave(links[at + 1].focus());
  else if (event.key === "ArrowUp" && at >= 0) leave((links[at - 1] ?? field).focus());
});

const asked = new URLSearchParams(location.search);
field.value = asked.get("q") ?? "";
form.elements.sort.value = asked.get("sort") ?? "";
load().then(() => [...asked.values()].some(Boolean) && ask(), fail);
