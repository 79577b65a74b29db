import { Input, type InputRef } from "antd";
import { Search as SearchIcon } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useKeys } from "@/app/keys";
import { useTranslation } from "@/i18n";
import css from "./filters.module.css";

interface Props {
  value: string | undefined;
  onChange: (value: string | null) => void;
}

/** Searches the list as one types; `/` goes there, Esc empties it. */
export function QuickSearch({ value = "", onChange }: Props) {
  const { t } = useTranslation("filters");
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  const input = useRef<InputRef>(null);
  if (value !== known) {
    // The address changed by itself: a tab, a chip, the button back.
    setKnown(value);
    setText(value);
  }
  useEffect(() => {
    if (text.trim() === known) return;
    const timer = setTimeout(() => {
      setKnown(text.trim());
      onChange(text.trim() || null);
    }, 250);
    return () => clearTimeout(timer);
  }, [text, known, onChange]);
  useKeys(useMemo(() => [{ key: "/", does: t("search"), run: () => input.current?.focus() }], [t]));
  return (
    <Input
      ref={input}
      className={css.search}
      type="search"
      aria-label={t("search")}
      placeholder={t("common:ref.placeholder")}
      prefix={<SearchIcon size={14} strokeWidth={1.75} aria-hidden="true" />}
      value={text}
      allowClear
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        if (text) setText("");
        else input.current?.blur();
      }}
    />
  );
}
