"""Live: after every change the site is as a build would write it, and what keeps it from that is said."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from newsroom import templates_compiled_once
from preview_kit import until
from session_kit import build_here, make_live
from site_kit import NOON, SmallSite

from generator.preview.about import badges
from generator.preview.live import Live
from generator.preview.present import Present

PLAIN = "news/2026-02-20-plain/index.html"
LEAD = "news/2026-02-28-lead/index.html"


@pytest.fixture(autouse=True)
def _fast() -> Iterator[None]:
    with templates_compiled_once():
        yield


def save(live: Live, file: Path) -> bool:
    """Refresh as the watcher does after a save."""
    return live.refresh(frozenset([str(file)]))


def rehearse(live: Live) -> None:
    for make in live.maker.rehearsal():
        make()


def shown(live: Live, output: str) -> str:
    page = live.page(output)
    return page.data.decode() if page else ""


def digests(live: Live) -> dict[str, str]:
    assert live.now
    return {output: page.digest for output in live.now.tasks if (page := live.page(output))}


def everything(live: Live) -> dict[str, bytes]:
    assert live.now
    return {output: page.data for output in live.now.tasks if (page := live.page(output)) and not page.problem}


def told(live: Live) -> list[str]:
    return [str(problem) for problem in live.problems() if problem.severity == "error"]


# -- changes -----------------------------------------------------------------------------------------------------------


def test_a_body_makes_its_own_page_another(site: SmallSite) -> None:
    """Who edits an article's commentary changes its page, its document of the API, and what quotes it; nothing else."""
    live = make_live(site)
    before = digests(live)
    file = site.root / "content/news/2026-02-20-plain.md"
    site.edit(file, "Another *view*.\n")
    assert save(live, file)
    after = digests(live)
    changed = {output for output in before if after[output] != before[output]}
    assert PLAIN in changed
    assert "<em>view</em>" in shown(live, PLAIN)
    assert {output for output in changed if output.endswith(".html")} == {PLAIN}


def test_a_body_relates_and_composes_nothing_anew(site: SmallSite) -> None:
    """Of all that a save could make again, an edited commentary needs its own file read: lists know nothing of it."""
    live = make_live(site)
    file = site.root / "content/news/2026-02-28-lead.md"
    site.edit(file, "One *view*.\n")
    assert save(live, file)
    assert live.now
    before = live.now.drafted
    site.edit(file, "Another *view*.\n")
    assert save(live, file)
    after = live.now.drafted
    assert "Another <em>view</em>" in shown(live, LEAD)
    assert after.edition is before.edition
    assert after.composition is before.composition


def test_a_hint_and_a_whole_look_give_the_same(site: SmallSite, tmp_path: Path) -> None:
    """Whether the changed file was named or all was looked at, the site is that of a clean build."""
    by_hint = make_live(site)
    file = site.root / "content/news/2026-02-28-lead.md"
    site.edit(file, title="Renamed", topics=["Computing"])
    assert save(by_hint, file)
    whole = make_live(site)
    wanted = build_here(site, tmp_path / "clean")
    assert everything(by_hint) == wanted
    assert everything(whole) == wanted


def test_a_look_without_a_change_is_no_other_site(site: SmallSite) -> None:
    """What is as it was is not drafted again: no version, no reload."""
    live = make_live(site)
    until(lambda: not live.refresh(None), "files that were just written are never old enough to be trusted")
    version, now = live.version, live.now
    assert not live.refresh(None)
    assert not live.refresh(frozenset())
    assert (live.now, live.version) == (now, version)


@pytest.mark.parametrize("named", [True, False])
def test_an_article_comes_and_goes(site: SmallSite, named: bool) -> None:
    """A new file has its page; a deleted one has none, and the front page lists it no longer."""
    live = make_live(site)
    file = site.article("2026-02-28-new", title="Quite new", publishedDateTime="2026-02-28T10:00:00Z")
    live.refresh(frozenset([str(file)]) if named else None)
    assert "Quite new" in shown(live, "news/2026-02-28-new/index.html")
    assert "Quite new" in shown(live, "index.html")
    file.unlink()
    live.refresh(frozenset([str(file)]) if named else None)
    assert live.page("news/2026-02-28-new/index.html") is None
    assert "Quite new" not in shown(live, "index.html")


def test_words_and_the_language_change_pages(site: SmallSite) -> None:
    """A saved catalogue, the first of its folder, too, and another language are in the next page that is looked at."""
    live = make_live(site)
    assert ">Newest<" in shown(live, "index.html")
    words = site.write("locale/en/LC_MESSAGES/messages.po", 'msgid "Newest"\nmsgstr "Fresh"\n')
    save(live, words)
    assert ">Fresh<" in shown(live, "index.html")
    save(live, site.settings(title="Small news", base_url="https://news.example/", language="de"))
    assert ">Neueste Meldungen<" in shown(live, "index.html")
    words.write_text('msgid "Newest\n')
    save(live, words)
    assert told(live) == []  # it is not of this language
    german = site.write("locale/de/LC_MESSAGES/messages.po", 'msgid "Newest\n')
    save(live, german)
    assert [line.partition(": ")[0] for line in told(live)] == ["locale/de/LC_MESSAGES/messages.po:1"]
    assert ">Neueste Meldungen<" in shown(live, "index.html")
    german.write_text('msgid "Newest"\nmsgstr "Frisches"\n')
    save(live, german)
    assert told(live) == []
    assert ">Frisches<" in shown(live, "index.html")


def test_a_template_changes_its_pages(site: SmallSite) -> None:
    """A saved template is in the next page that is looked at."""
    live = make_live(site)
    base = site.root / "themes/default/templates/base.html"
    base.write_text(base.read_text().replace("</body>", "<p>Saved</p></body>"))
    assert save(live, base)
    assert "<p>Saved</p>" in shown(live, PLAIN)
    assert "<p>Saved</p>" in shown(live, "index.html")


# -- mistakes ----------------------------------------------------------------------------------------------------------


def test_a_broken_article_keeps_its_last_good_page(site: SmallSite) -> None:
    """While an article cannot be read its last page is shown with the problem; when it is mended, the new one."""
    live = make_live(site)
    file = site.root / "content/news/2026-02-20-plain.md"
    whole, good = file.read_text(), shown(live, PLAIN)
    file.write_text("---\ntitle: [\n---\n")
    assert save(live, file)
    page = live.page(PLAIN)
    assert page
    assert page.data.decode() == good
    assert page.problem
    assert (page.problem.path, page.problem.line) == ("content/news/2026-02-20-plain.md", 3)
    file.write_text(whole.replace("title: ", 'title: "Mended" #'))
    assert save(live, file)
    page = live.page(PLAIN)
    assert page
    assert page.problem is None
    assert "Mended" in page.data.decode()
    assert told(live) == []


def test_a_broken_article_that_nobody_looked_at_has_no_page(site: SmallSite) -> None:
    """There is no last page of what was never made; the problem is told all the same."""
    live = make_live(site)
    file = site.root / "content/news/plain-0000.md"
    file.write_text("---\ntitle: [\n---\n")
    save(live, file)
    assert live.page("news/plain-0000/index.html") is None
    assert len(told(live)) == 1


def test_a_deleted_broken_article_is_gone(site: SmallSite) -> None:
    """The last good page goes with the file."""
    live = make_live(site)
    file = site.root / "content/news/plain-0000.md"
    assert live.page("news/plain-0000/index.html")
    file.write_text("---\ntitle: [\n---\n")
    save(live, file)
    assert live.page("news/plain-0000/index.html")
    file.unlink()
    save(live, file)
    assert live.page("news/plain-0000/index.html") is None
    assert told(live) == []


@pytest.mark.parametrize("text", ["{% if %}", "{{ nothing.there }}", "{% include 'gone.html' %}"])
def test_a_broken_template_is_told_over_the_last_page(site: SmallSite, text: str) -> None:
    """A template's mistake has its file and line, the page stays the last good one, and mending is enough."""
    live = make_live(site)
    template = site.root / "themes/default/templates/article.html"
    whole, good = template.read_text(), shown(live, PLAIN)
    template.write_text(whole + text)
    template.write_text(whole.replace("<article", text + "<article", 1))
    line = whole[: whole.index("<article")].count("\n") + 1
    assert save(live, template)
    page = live.page(PLAIN)
    assert page
    assert page.problem
    assert page.data.decode() == good
    assert (page.problem.path, page.problem.line) == ("themes/default/templates/article.html", line)
    assert len(told(live)) == 1
    never = live.page("news/plain-0000/index.html")
    assert never
    assert (never.data, never.problem) == (b"", page.problem)
    template.write_text(whole)
    assert save(live, template)
    assert told(live) == []
    assert shown(live, PLAIN) == good


def test_a_failed_page_stays_known_while_others_are_edited(site: SmallSite) -> None:
    """A mistake in a template that nobody looks at is not forgotten because an article was saved."""
    live = make_live(site)
    template = site.root / "themes/default/templates/topics.html"
    template.write_text("{{ nothing.there }}")
    save(live, template)
    rehearse(live)
    before = told(live)
    assert len(before) == 1
    file = site.root / "content/news/2026-02-20-plain.md"
    site.edit(file, "Another view.\n")
    assert save(live, file)
    assert told(live) == before


def test_rehearsal_finds_the_mistake_of_a_template(site: SmallSite) -> None:
    """A page of each kind is made, so what is wrong in any template is known before somebody looks."""
    live = make_live(site)
    for name in ("topics", "month", "404", "page"):
        template = site.root / f"themes/default/templates/{name}.html"
        template.write_text("{{ nothing.there }}")
    live.refresh(None)
    assert told(live) == []
    rehearse(live)
    assert len(told(live)) == 4


@pytest.mark.parametrize("text", ["title = ", 'title = "x"\nnonsense = 1\n', 'theme = "gone"\n', "\0"])
def test_broken_settings_leave_the_last_site(site: SmallSite, text: str) -> None:
    """While `site.toml` is wrong, the last site is shown and the mistake told; mended, it is as before."""
    live = make_live(site)
    settings = site.root / "site.toml"
    whole, good = settings.read_text(), digests(live)
    settings.write_text(text)
    assert save(live, settings)
    assert all("site.toml" in line for line in told(live))
    assert told(live)
    assert digests(live) == good
    settings.write_text(whole.replace("Small news", "Other news"))
    assert save(live, settings)
    assert told(live) == []
    assert "Other news" in shown(live, "index.html")


def test_settings_that_are_gone_are_told(site: SmallSite) -> None:
    """Deleting `site.toml` ends nothing."""
    live = make_live(site)
    settings = site.root / "site.toml"
    whole = settings.read_bytes()
    settings.unlink()
    assert save(live, settings)
    assert ["site.toml" in line for line in told(live)] == [True]
    settings.write_bytes(whole)
    save(live, settings)
    assert told(live) == []


@pytest.mark.parametrize("folder", ["themes", "content"])
def test_a_folder_that_is_lost_comes_back(site: SmallSite, tmp_path: Path, folder: str) -> None:
    """Without its content there is no site and without its theme another one; put back, all is as before."""
    live = make_live(site)
    good = digests(live)
    (site.root / folder).rename(tmp_path / "away")
    live.refresh(None)
    if folder == "content":
        assert told(live) == [
            'site.toml: content: there is no folder content; create it, or name your folder of articles: content = "…"'
        ]
        assert digests(live) == good
    (tmp_path / "away").rename(site.root / folder)
    live.refresh(None)
    assert told(live) == []
    assert digests(live) == good


def test_a_theme_that_is_lost_is_told(site: SmallSite) -> None:
    """A theme that no other place has is missed; the last pages stay."""
    (site.root / "themes/default").rename(site.root / "themes/own")
    site.settings(title="Small news", base_url="https://news.example/", theme="own")
    live = make_live(site)
    good = digests(live)
    shutil.move(site.root / "themes", site.root / "away")
    live.refresh(None)
    assert "there is no theme `own`" in told(live)[0]
    assert digests(live) == good
    shutil.move(site.root / "away", site.root / "themes")
    live.refresh(None)
    assert told(live) == []


def test_binary_and_huge_files(site: SmallSite) -> None:
    """A file that is no text, or far too large, is named as a problem, and the site goes on."""
    live = make_live(site)
    binary = site.write("content/news/2026-02-21-binary.md", bytes(range(256)) * 100)
    huge = site.write("content/news/2026-02-21-huge.md", b"---\ntitle: Huge\n---\n" + b"word " * 12_000_000)
    live.refresh(frozenset([str(binary), str(huge)]))
    assert any("2026-02-21-binary.md" in line for line in told(live))
    assert any("2026-02-21-huge.md" in line for line in told(live)), told(live)
    binary.unlink()
    huge.unlink()
    live.refresh(frozenset([str(binary), str(huge)]))
    assert told(live) == []


# -- the cache ---------------------------------------------------------------------------------------------------------


def test_a_cache_that_is_deleted_meanwhile(site: SmallSite, tmp_path: Path) -> None:
    """Deleting the cache under a preview loses nothing."""
    live = make_live(site)
    shutil.rmtree(site.cache)
    file = site.root / "content/news/2026-02-20-plain.md"
    site.edit(file, "Another view.\n")
    save(live, file)
    wanted = build_here(site, tmp_path / "clean")
    everything(live)
    live.refresh(None)
    assert everything(live) == wanted
    assert told(live) == []
    live.save()
    assert everything(make_live(site)) == wanted


@pytest.mark.parametrize("damage", [b"", b"x" * 1000])
def test_a_cache_that_is_damaged_meanwhile(site: SmallSite, tmp_path: Path, damage: bytes) -> None:
    """What was stored is checked: other bytes are never shown, and all is read again."""
    live = make_live(site)
    for pack in (site.cache / "preview").glob("*.pack"):
        pack.write_bytes(damage)
    everything(live)
    live.refresh(None)
    assert everything(live) == build_here(site, tmp_path / "clean")
    assert told(live) == []


def test_a_damaged_state_is_read_anew(site: SmallSite, tmp_path: Path) -> None:
    """The next preview takes nothing of a damaged cache."""
    live = make_live(site)
    live.save()
    for pack in (site.cache / "preview").glob("*.pack"):
        pack.write_bytes(pack.read_bytes()[:50])
    other = make_live(site)
    everything(other)
    other.refresh(None)
    assert everything(other) == build_here(site, tmp_path / "clean")


def test_many_saves_leave_few_files(site: SmallSite) -> None:
    """Packs and descriptors do not grow with the saves, and every page is right after the packs were put together."""
    live = make_live(site)
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir()))
    files = site.articles()
    for number in range(60):
        file = files[number % len(files)]
        site.edit(file, f"View {number}.\n")
        save(live, file)
        live.page(f"news/{file.stem}/index.html")
        live.save(10)
    live.save()
    assert len(list((site.cache / "preview").glob("*.pack"))) <= 17
    assert len(list(descriptors.iterdir())) <= before + 17
    assert "View 5" in shown(live, f"news/{files[59 % len(files)].stem}/index.html")


# -- the clock, and what is held back ----------------------------------------------------------------------------------


def test_a_scheduled_article_becomes_due(site: SmallSite) -> None:
    """By the clock alone an article is scheduled no longer, and the live site knows when."""
    clock = [NOON]
    live = make_live(site, lambda: clock[0])
    due = datetime(2026, 3, 5, 6, tzinfo=UTC)
    url = "/news/2026-03-05-scheduled/"
    assert live.now
    assert badges(live.now.drafted)[url].startswith("scheduled for")
    while live.turns_at() < due.timestamp():  # other things change by the clock, too
        clock[0] = datetime.fromtimestamp(live.turns_at(), UTC)
        assert live.refresh(None)
        assert url in badges(live.now.drafted)
    clock[0] = due
    assert live.refresh(frozenset())
    assert url not in badges(live.now.drafted)


def test_between_two_moments_the_clock_changes_nothing(site: SmallSite) -> None:
    """A minute later the site is the same, though the clock is not."""
    clock = [NOON]
    live = make_live(site, lambda: clock[0])
    clock[0] += timedelta(seconds=1)
    assert clock[0].timestamp() < live.turns_at()
    assert not live.refresh(None)


def test_what_is_held_back_is_shown_and_says_why(site: SmallSite) -> None:
    """Drafts, scheduled, folded and removed articles have their pages, and badges with the reason."""
    live = make_live(site)
    assert live.now
    assert badges(live.now.drafted) == {
        "/news/2026-02-10-draft/": "draft",
        "/news/2026-02-09-removed/": "removed",
        "/news/2026-02-27-folded/": "folded into 2026-02-28-lead.md",
        "/news/2026-03-05-scheduled/": "scheduled for Mar 5, 2026, 6:00\u202fAM",
    }
    for url in badges(live.now.drafted):
        page = live.page(f"{url[1:]}index.html")
        assert page, url
        about = Present(live).about(f"{url[1:]}index.html")
        assert about
        assert about.held == badges(live.now.drafted)[url]


def test_as_of_shows_the_site_as_it_will_be(site: SmallSite) -> None:
    """At a later instant the scheduled article is one like any other."""
    later = datetime(2026, 3, 6, tzinfo=UTC)
    live = make_live(site, lambda: later)
    assert live.now
    assert "/news/2026-03-05-scheduled/" not in badges(live.now.drafted)
    assert live.page("news/2026-03-05-scheduled/index.html")


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_a_mistake_of_ours_does_not_end_it(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is raised while the site is drafted is told as a problem, and the next draft may succeed."""
    live = make_live(site)
    good = digests(live)
    monkeypatch.setattr("generator.preview.live.draft", lambda *_: 1 / 0)
    assert live.refresh(None)
    assert told(live)[0].startswith("a mistake in Broadsheet")
    assert not live.refresh(None)
    assert digests(live) == good
    monkeypatch.undo()
    assert live.refresh(None)
    assert told(live) == []


def test_a_picture_is_made_though_it_cannot_be_kept(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk pictures are made each time."""
    live = make_live(site)
    assert live.now
    picture = next(output for output in live.now.tasks if output.startswith("images/") and output.endswith(".webp"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("generator.builder.store.replace_file", full)
    page = live.page(picture)
    assert page
    assert page.data[:4] == b"RIFF"
