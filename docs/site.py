"""Hook of MkDocs: README, changelog and contributing, which stand at the root, become pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"README.md": "index.md", "CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
PICTURE = re.compile(r"\]\((figures/[^)]+\.png)\)")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages, and the pictures that they show."""
    for name, page in PAGES.items():
        text = (ROOT / name).read_text("utf-8").replace("](docs/", "](")
        for other, there in PAGES.items():
            text = text.replace(f"]({other})", f"]({there})")
        files.append(File.generated(config, page, content=text))
        for picture in PICTURE.findall(text):
            files.append(File.generated(config, picture, abs_src_path=str(ROOT / picture)))
    return files
