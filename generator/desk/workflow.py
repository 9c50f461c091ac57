"""Workflow: what a host of repositories must do so that the site is built and deployed there."""

from __future__ import annotations

from pathlib import Path

from generator.desk.scaffold import ExistsAlready, write_new

HOSTS = ("github",)


def write_workflow(folder: Path) -> Path:
    """Write the workflow for GitHub Actions into a site's folder and return its path.

    Raises:
        ExistsAlready: where a file of its name is there.
    """
    file = folder / ".github" / "workflows" / "site.yml"
    if file.exists():
        raise ExistsAlready(f"{file}: is there already; move it away to have a new one")
    return write_new(file, _GITHUB)


_GITHUB = """\
# Builds the site and deploys it to the target of site.toml: after each push, and by the clock for scheduled articles.
name: site

on:
  push:
    branches: [main]
  schedule:
    - cron: "7,37 * * * *" # twice an hour, where nothing is due nothing is deployed
  workflow_dispatch:

permissions:
  contents: write # to push the branch of GitHub Pages; other targets need `read` only

concurrency: # one deploy at a time; none is cut off
  group: site
  cancel-in-progress: false

jobs:
  deploy:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      # What the last run left: cache, output, collected pictures. Any state of them is safe, and none is needed.
      - uses: actions/cache/restore@v4
        with:
          path: |
            .broadsheet
            output
            pictures
          key: site-${{ github.run_id }}-${{ github.run_attempt }}
          restore-keys: site-
      - run: python -m pip install "broadsheet[all]"
      - run: broadsheet deploy
        env: # credentials of other targets: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or BROADSHEET_SFTP_PASSWORD
          GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }}
      - uses: actions/cache/save@v4
        if: always()
        with:
          path: |
            .broadsheet
            output
            pictures
          key: site-${{ github.run_id }}-${{ github.run_attempt }}
"""
