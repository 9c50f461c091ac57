// Preview in the browser: reloads a page that changed, swaps its style sheets, shows what is wrong, and the bar.
//
// A page's Content-Security-Policy holds for this script, too: nothing is inline, and styles are constructed. All that
// comes from the site is set as text, never as HTML.
(() => {
  'use strict';
  const script = document.currentScript;
  if (window !== window.top || window.broadsheetPreview || !script) return;
  window.broadsheetPreview = true;

  const here = location.pathname + location.search;
  let digest = script.dataset.digest; // of the page that this tab shows
  let leaving = false;

  // -- storage that may be denied ------------------------------------------------------------------------------------

  const kept = (storage, key, value) => {
    try {
      if (value === undefined) return storage.getItem(`broadsheet:${key}`);
      if (value === null) storage.removeItem(`broadsheet:${key}`);
      else storage.setItem(`broadsheet:${key}`, value);
    } catch { /* private windows */ }
    return null;
  };
  const ofTab = (key, value) => kept(sessionStorage, key, value);
  const ofPerson = (key, value) => kept(localStorage, key, value);

  // -- the stream of events ------------------------------------------------------------------------------------------

  let stream = null;
  let retry = 0;
  let failures = 0;

  function connect() {
    disconnect();
    if (leaving || document.visibilityState === 'hidden') return;
    const asked = new URLSearchParams({path: here, digest});
    const saved = ofTab('saved');
    if (saved !== null) asked.set('saved', saved);
    stream = new EventSource(`/_broadsheet/events?${asked}`);
    stream.onopen = () => { failures = 0; showRunning(true); };
    stream.onerror = () => {
      disconnect();
      failures += 1;
      if (failures > 1) showRunning(false);
      retry = setTimeout(connect, Math.min(250 * failures, 1000));
    };
    for (const [event, act] of Object.entries(ACTS)) {
      stream.addEventListener(event, message => { if (!leaving) act(JSON.parse(message.data)); });
    }
  }

  function disconnect() {
    clearTimeout(retry);
    if (stream) stream.close();
    stream = null;
  }

  const ACTS = {
    follow({url, go}) {
      ofTab('saved', url);
      if (!go || plainPath(url) === plainPath(location.href)) return;
      leave();
      location.assign(url);
    },
    reload() { reload(); },
    css({links, digest: next}) {
      swaps = swaps.then(() => Promise.all(links.map(swap))).then(() => { digest = next; placeBadges(); }, reload);
    },
    about: showAbout,
    problems: showProblems,
    badges(found) { badges = found; placeBadges(); },
  };

  function leave() {
    leaving = true;
    disconnect();
  }

  function reload() {
    if (leaving) return;
    keepPlace();
    leave();
    location.reload();
  }

  // A browser has few connections for one host, and a stream takes one: only tabs that are seen hold one.
  document.addEventListener('visibilitychange', () => {
    if (leaving) return;  // a page that goes is hidden, too
    if (document.visibilityState === 'visible') { connect(); return; }
    disconnect();
    ofTab('saved', null);
  });
  addEventListener('pagehide', leave);
  addEventListener('pageshow', event => { if (event.persisted) { leaving = false; connect(); } });

  // -- style sheets --------------------------------------------------------------------------------------------------

  let swaps = Promise.resolve();

  function swap([before, after]) {
    const found = [...document.querySelectorAll('link[rel~="stylesheet"]')]
      .filter(link => link.getAttribute('href') === before);
    if (!found.length) throw new Error(`no style sheet ${before}`);
    return Promise.all(found.map(old => new Promise((done, fail) => {
      const next = old.cloneNode();
      next.onload = () => { old.remove(); done(); };
      next.onerror = fail;
      next.setAttribute('href', after);
      old.after(next);
    })));
  }

  // -- the place on the page, over a reload --------------------------------------------------------------------------

  const FIELDS = 'input:not([type=password], [type=file], [type=hidden], [type=checkbox], [type=radio]), textarea';

  function way(node) {
    const steps = [];
    for (let at = node; at.parentElement; at = at.parentElement) {
      steps.unshift(`${at.tagName}.${[...at.parentElement.children].indexOf(at)}`);
    }
    return steps.join(' ');
  }

  function arrive(steps) {
    let at = document.documentElement;
    for (const step of steps ? steps.split(' ') : []) {
      const [tag, number] = step.split('.');
      at = at && at.children[number];
      if (!at || at.tagName !== tag) return null;
    }
    return at;
  }

  function keepPlace() {
    const all = [...document.querySelectorAll('body *')];
    const focus = document.activeElement;
    const typed = [...document.querySelectorAll(FIELDS)].filter(field => field.value !== field.defaultValue);
    ofTab('place', JSON.stringify({
      here,
      scroll: [scrollX, scrollY],
      inner: all.filter(node => node.scrollTop || node.scrollLeft)
        .map(node => [way(node), node.scrollLeft, node.scrollTop]),
      details: [...document.querySelectorAll('details')].map(node => [way(node), node.open]),
      fields: typed.map(field => [way(field), field.value]),
      focus: focus && focus.matches(FIELDS) ? [way(focus), focus.selectionStart, focus.selectionEnd] : null,
    }));
    history.scrollRestoration = 'manual';
  }

  function takePlace() {
    history.scrollRestoration = 'auto';
    const place = JSON.parse(ofTab('place') || 'null');
    ofTab('place', null);
    if (!place || place.here !== here) return;
    for (const [steps, open] of place.details) {
      const node = arrive(steps);
      if (node) node.open = open;
    }
    for (const [steps, value] of place.fields) {
      const field = arrive(steps);
      if (field) field.value = value;
    }
    if (place.focus) {
      const field = arrive(place.focus[0]);
      if (field) {
        field.focus({preventScroll: true});
        try { field.setSelectionRange(place.focus[1], place.focus[2]); } catch { /* a number has no selection */ }
      }
    }
    scrollBack(place);
    // What loads after this may push the page down; once the person scrolls, the place is theirs.
    let theirs = false;
    for (const kind of ['wheel', 'touchmove', 'keydown', 'mousedown']) {
      addEventListener(kind, () => { theirs = true; }, {once: true, passive: true});
    }
    addEventListener('load', () => { if (!theirs) scrollBack(place); }, {once: true});
  }

  function scrollBack({scroll: [left, top], inner}) {
    scrollTo({left, top, behavior: 'instant'});
    for (const [steps, x, y] of inner) {
      const node = arrive(steps);
      if (node) node.scrollTo({left: x, top: y, behavior: 'instant'});
    }
  }

  // -- what preview shows over the page ------------------------------------------------------------------------------

  const STYLE = `
    :host { all: initial !important; position: absolute !important; top: 0 !important; left: 0 !important;
      z-index: 2147483647 !important; direction: ltr !important; }
    @media print { :host { display: none !important; } }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    div, section, button, pre, ul, ol, li, p, h2 { font: 13px/1.45 system-ui, sans-serif; margin: 0; padding: 0; }
    button { color: inherit; background: none; border: 1px solid transparent; border-radius: 4px; padding: 1px 6px;
      cursor: pointer; text-align: start; }
    button:hover { background: #ffffff26; }
    button:focus-visible { outline: 2px solid #8ab4ff; outline-offset: 1px; }
    .bar { position: fixed; left: 8px; bottom: 8px; max-width: min(60rem, calc(100vw - 16px)); color: #f5f5f5;
      background: #17191c; border: 1px solid #4a4e54; border-radius: 8px; padding: 4px; }
    .row { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 8px; }
    .title { font-weight: 600; max-width: 24rem; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
    .quiet { color: #c3c7cc; }
    .held, .badge { color: #1d1400; background: #ffc83d; border-radius: 4px; padding: 0 6px; }
    .errors { color: #ffb3ad; } .warnings { color: #ffd479; }
    .more { max-height: 40vh; overflow: auto; padding: 6px; border-top: 1px solid #4a4e54; margin-top: 4px;
      overflow-wrap: anywhere; }
    .more li, .list li { list-style: none; padding: 3px 0; }
    .away { color: #f5f5f5; background: #5c2b2b; border-radius: 4px; padding: 1px 6px; }
    .veil { position: fixed; inset: 0; background: #0b0c0ecc; overflow: auto; padding: 5vh 16px; }
    .sheet { max-width: 60rem; margin: 0 auto; color: #f5f5f5; background: #17191c; border: 1px solid #4a4e54;
      border-top: 4px solid #ff6b61; border-radius: 8px; padding: 16px; overflow-wrap: anywhere; }
    .head { display: flex; justify-content: space-between; gap: 16px; }
    h2 { font-size: 16px; font-weight: 600; }
    .list > li { border-top: 1px solid #3a3e44; padding: 12px 0; }
    .list > li:first-child { border-top: 0; }
    .place { font-family: ui-monospace, monospace; text-decoration: underline; color: #a8c7ff; padding: 0; }
    .message { font-size: 15px; padding: 4px 0; white-space: pre-wrap; }
    pre { font-family: ui-monospace, monospace; white-space: pre-wrap; background: #24272c; border-radius: 4px;
      padding: 6px 8px; }
    .badges { position: absolute; top: 0; left: 0; }
    .badge { position: absolute; font-size: 11px; white-space: nowrap; pointer-events: none; }
  `;

  function make(tag, properties = {}, ...inside) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...inside.filter(part => part !== null));
    return node;
  }

  const box = document.createElement('broadsheet-preview');
  box.lang = 'en';
  const shadow = box.attachShadow({mode: 'open'});
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  shadow.adoptedStyleSheets = [sheet];

  const marks = make('div', {className: 'badges'});
  const away = make('div', {className: 'away', textContent: 'preview is not running', hidden: true});
  const row = make('div', {className: 'row'});
  const more = make('div', {className: 'more', hidden: true});
  const said = make('div', {className: 'quiet', hidden: true});
  const status = make('div', {role: 'status'}, away, said);
  const bar = make('section', {className: 'bar', ariaLabel: 'Preview'}, row, status, more);
  const veil = make('section', {className: 'veil', hidden: true, ariaLabel: 'Errors'});
  veil.setAttribute('role', 'alert');
  shadow.append(marks, veil, bar); // the bar last: it says why the editor does not open
  document.documentElement.append(box);

  function showRunning(running) { away.hidden = running; }

  async function open(path, line, column) {
    said.hidden = true;
    try {
      const answer = await fetch('/_broadsheet/open', {
        method: 'POST',
        headers: {'Content-Type': 'application/json'},
        body: JSON.stringify({path, line: line || 1, column: column || 1}),
      });
      if (!answer.ok) say((await answer.json()).message);
    } catch {
      say('the editor could not be asked for: preview is not running');
    }
  }

  function say(text) {
    said.textContent = text;
    said.hidden = false;
  }

  function place({path, line, column}) {
    const where = [path, line, column].filter(Boolean).join(':');
    const button = make('button', {className: 'place', type: 'button', textContent: where});
    button.title = 'Open in the editor';
    button.onclick = () => open(path, line, column);
    return button;
  }

  // -- the bar -------------------------------------------------------------------------------------------------------

  let about = null;
  let problems = {errors: [], warnings: [], counts: [0, 0]};
  let folded = ofPerson('bar') === 'folded';
  let panel = '';

  function showAbout(found) { about = found; drawBar(); }

  function button(name, panelName, className = '') {
    const made = make('button', {type: 'button', textContent: name, className});
    made.dataset.panel = panelName;
    made.ariaExpanded = String(panel === panelName);
    made.onclick = () => { panel = panel === panelName ? '' : panelName; drawBar(); };
    return made;
  }

  function drawBar() {
    const held = shadow.activeElement && shadow.activeElement.dataset.panel; // a drawn button is another one
    const fold = make('button', {type: 'button', textContent: folded ? '▸ Preview' : '▾ Preview'});
    fold.dataset.panel = 'fold';
    fold.ariaExpanded = String(!folded);
    fold.onclick = () => {
      folded = !folded;
      panel = '';
      ofPerson('bar', folded ? 'folded' : null);
      drawBar();
    };
    const [errors, warnings] = problems.counts;
    const parts = [fold];
    if (about && !folded) parts.push(...aboutParts());
    if (errors) parts.push(button(count(errors, 'error'), 'problems', 'errors'));
    if (warnings && !(folded && errors)) parts.push(button(count(warnings, 'warning'), 'problems', 'warnings'));
    row.replaceChildren(...parts);
    more.replaceChildren(...panelParts());
    more.hidden = !panel;
    const again = held && row.querySelector(`[data-panel="${held}"]`);
    if (again) again.focus();
  }

  function aboutParts() {
    const parts = [
      make('span', {className: 'quiet', textContent: about.kind}),
      make('span', {className: 'title', textContent: about.title, title: about.title}),
    ];
    if (about.held) parts.push(make('span', {className: 'held', textContent: about.held}));
    if (about.rank !== null) parts.push(make('span', {className: 'quiet', textContent: `rank ${about.rank}`}));
    if (about.heat !== null) parts.push(make('span', {className: 'quiet', textContent: `heat ${about.heat}`}));
    if (about.why_here.length || about.template) parts.push(button('Why here?', 'why'));
    if (about.path) {
      const edit = make('button', {type: 'button', textContent: 'Open in editor', title: about.path});
      edit.dataset.panel = 'edit';
      edit.onclick = () => open(about.path, about.line, 1);
      parts.push(edit);
    }
    return parts;
  }

  function panelParts() {
    if (panel === 'why' && about) {
      const lines = about.why_here.map(line => make('li', {textContent: line}));
      if (about.template) lines.push(make('li', {className: 'quiet', textContent: `template: ${about.template}`}));
      return [make('ul', {}, ...lines)];
    }
    if (panel !== 'problems') { panel = ''; return []; }
    const all = [...problems.errors, ...problems.warnings];
    const left = problems.counts[0] + problems.counts[1] - all.length;
    const rows = all.map(problem => make('li', {}, place(problem), ` ${problem.message}`,
      problem.hint ? make('span', {className: 'quiet', textContent: ` ${problem.hint}`}) : null));
    if (left > 0) rows.push(make('li', {textContent: `and ${left} more: broadsheet check lists them`}));
    return rows.length ? [make('ul', {}, ...rows)] : [make('div', {textContent: 'Nothing is wrong.'})];
  }

  const count = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`;

  // -- errors over the page ------------------------------------------------------------------------------------------

  function showProblems(found) {
    problems = found;
    drawBar();
    const {errors} = problems;
    veil.hidden = !errors.length || ofTab('dismissed') === dismissal();
    if (veil.hidden) { veil.replaceChildren(); return; }
    const close = make('button', {type: 'button', textContent: 'Close (Esc)'});
    close.onclick = dismiss;
    const title = make('h2', {textContent: `${count(problems.counts[0], 'error')} in the site`});
    const rows = errors.map(error => make('li', {}, place(error),
      make('div', {className: 'message', textContent: error.message}),
      error.text ? make('pre', {textContent: error.text}) : null,
      error.hint ? make('div', {className: 'quiet', textContent: error.hint}) : null));
    const left = problems.counts[0] - errors.length;
    if (left > 0) rows.push(make('li', {textContent: `and ${left} more: broadsheet check lists them`}));
    const list = make('ul', {className: 'list'}, ...rows);
    veil.replaceChildren(make('div', {className: 'sheet'}, make('div', {className: 'head'}, title, close), list));
  }

  const dismissal = () => JSON.stringify([problems.change, problems.errors]);

  function dismiss() {
    ofTab('dismissed', dismissal());
    veil.hidden = true;
    veil.replaceChildren();
  }

  addEventListener('keydown', event => {
    if (event.key !== 'Escape' || veil.hidden) return;
    event.stopImmediatePropagation();
    dismiss();
  }, true);

  // -- badges beside links: over the page, so that it is not touched -------------------------------------------------

  let badges = {};

  function plainPath(url) {
    try {
      return decodeURIComponent(new URL(url, location.href).pathname);
    } catch {
      return '';
    }
  }

  function placeBadges() {
    const made = [];
    for (const link of Object.keys(badges).length ? document.querySelectorAll('a[href]') : []) {
      const text = link.origin === location.origin && badges[plainPath(link.href)];
      const rects = text && link.textContent.trim() ? [...link.getClientRects()].filter(rect => rect.width) : [];
      if (!rects.length) continue;
      const badge = make('div', {className: 'badge', textContent: text});
      badge.setAttribute('role', 'note');
      badge.ariaLabel = `${link.textContent.trim()}: ${text}`;
      made.push({badge, first: rects[0], last: rects[rects.length - 1], room: link.parentElement.getBoundingClientRect()});
    }
    marks.replaceChildren(...made.map(({badge}) => badge));
    const sizes = made.map(({badge}) => [badge.offsetWidth, badge.offsetHeight]);
    made.forEach(({badge, first, last, room}, at) => {
      const [width, height] = sizes[at];
      const fits = last.right + 6 + width <= room.right;
      badge.style.left = `${scrollX + (fits ? last.right + 6 : first.left)}px`;
      badge.style.top = `${scrollY + (fits ? last.top + (last.height - height) / 2 : Math.max(first.top - height, 0))}px`;
    });
  }

  let drawing = 0;
  const placeSoon = () => {
    cancelAnimationFrame(drawing);
    drawing = requestAnimationFrame(placeBadges);
  };
  new ResizeObserver(placeSoon).observe(document.documentElement);
  addEventListener('load', placeSoon);
  document.addEventListener('toggle', placeSoon, true);

  drawBar();
  takePlace();
  connect();
})();
