"""Print the targets and settings of the Makefile from its «## 中文 | English» comments."""

import re
import sys
from pathlib import Path

MAKEFILE = Path(__file__).resolve().parent.parent / "Makefile"


def main():
    targets, settings = [], []
    for line in MAKEFILE.read_text(encoding="utf-8").splitlines():
        target = re.match(r"([a-z-]+):.*## (.+) \| (.+)", line)
        setting = re.match(r"## (.+?) \| (.+) \| (.+)", line)
        if target:
            targets.append(target.groups())
        elif setting:
            settings.append(setting.groups())
    lines = ["用法 Usage:make 目标 target [设置 setting]", "", "目标 Targets"]
    lines += [describe(*target) for target in targets]
    lines += ["", "设置 Settings"]
    lines += [describe(*setting) for setting in settings]
    sys.stdout.buffer.write(("\n".join(lines) + "\n").encode("utf-8"))


def describe(name, chinese, english):
    return f"  {name:18} {chinese}\n  {'':18} {english}"


if __name__ == "__main__":
    main()
