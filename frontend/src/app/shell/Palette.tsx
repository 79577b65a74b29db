import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Modal } from "antd";
import { Search } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { queries, type Schemas } from "@/api/client";
import { useMe, useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { entriesOf } from "./navigation";
import css from "./palette.module.css";

type Hit = Schemas["SearchHit"];

const PAGES: Partial<Record<Hit["type"], (hit: Hit) => string>> = {
  project: (hit) => `/projects/${hit.id}`,
  lead: (hit) => `/leads/${hit.id}`,
  deal: (hit) => `/deals?open=${hit.id}`,
  enterprise: (hit) => `/enterprises/${hit.id}`,
  official: (hit) => `/officials/${hit.id}`,
  task_force: (hit) => `/task-forces/${hit.id}`,
  unit: (hit) => `/projects?unit_id=${hit.id}`,
};

interface Line {
  key: string;
  name: string;
  kind: string;
  note: string;
  href: string;
  /** What it does instead of opening a page. */
  run?: () => void;
}

/** Finds anything by name, code, pinyin or initials, and any page and the list of keys by their names. */
export function Palette({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const { t } = useTranslation("common");
  const me = useMe();
  const { label } = useMeta();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const q = useDeferredValue(text.trim());
  const found = useQuery({
    ...queries.queryOptions("get", "/api/v1/search", { params: { query: { q, limit: 5 } } }),
    enabled: q.length > 0,
    placeholderData: (previous) => previous,
  });

  const pages = entriesOf(me.pages)
    .flat()
    .map((entry): Line => ({
      key: entry.key,
      name: t(`pages.${entry.key}`),
      kind: t("palette.page"),
      note: "",
      href: entry.href,
    }))
    .concat({ key: "keys", name: t("keys.title"), kind: t("palette.help"), note: "?", href: "", run: onKeys })
    .filter((line) => !q || line.name.toLowerCase().includes(q.toLowerCase()));
  const hits: Line[] = q
    ? (found.data?.items ?? []).flatMap((hit) => {
        const href = PAGES[hit.type]?.(hit);
        const note = [hit.code, said({ zh: hit.note_zh ?? "", en: hit.note_en ?? "" })].filter(Boolean).join(" · ");
        return href
          ? [{ key: hit.id, name: hit.name, kind: said(label("Kind", hit.type)), note, href }]
          : [];
      })
    : [];
  const lines = [...hits, ...pages];
  const chosen = Math.min(at, lines.length - 1);

  function open(line: Line | undefined) {
    if (!line) return;
    onClose();
    if (line.run) return line.run();
    const [to = "/", search = ""] = line.href.split("?");
    void navigate({ to, search: Object.fromEntries(new URLSearchParams(search)) as never });
  }

  return (
    <Modal open onCancel={onClose} footer={null} closable={false} width={600} style={{ top: 80 }} styles={{ body: { padding: 0 } }}>
      <label className={css.field}>
        <Search size={17} strokeWidth={1.75} aria-hidden="true" />
        <input
          autoFocus
          value={text}
          placeholder={t("shell.search")}
          aria-label={t("shell.search")}
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-lines"
          aria-activedescendant={lines[chosen] ? `palette-${lines[chosen].key}` : undefined}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, lines.length - 1));
            else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
            else if (event.key === "Enter") open(lines[chosen]);
            else return;
            event.preventDefault();
          }}
        />
      </label>
      <ul id="palette-lines" role="listbox" className={css.lines} aria-label={t("shell.search")}>
        {lines.map((line, index) => (
          <li
            key={line.key}
            id={`palette-${line.key}`}
            role="option"
            aria-selected={index === chosen}
            className={index === chosen ? css.chosen : ""}
            onMouseMove={() => setAt(index)}
            onClick={() => open(line)}
          >
            <span className={css.kind}>{line.kind}</span>
            <span className={css.name}>{line.name}</span>
            <small>{line.note}</small>
          </li>
        ))}
        {q && found.isSuccess && !lines.length && <li className={css.nothing}>{t("palette.nothing", { q })}</li>}
      </ul>
    </Modal>
  );
}
