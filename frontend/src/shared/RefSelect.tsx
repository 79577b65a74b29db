/** Chooses one record by name, code, pinyin or initials, as the search of the service finds it. */
import { useQuery } from "@tanstack/react-query";
import { Select, type SelectProps } from "antd";
import { useDeferredValue, useState } from "react";
import { queries, type Schemas } from "@/api/client";
import { nameOf, said, useTranslation } from "@/i18n";
import { isNamed, useNames } from "./filters/names";
import { type Choice, useOffered } from "./useOffered";

type Ref = Schemas["Ref"];
type Kind = Schemas["Kind"];

interface Props {
  kind: Kind;
  /** The id. */
  value?: string | null;
  /** The record chosen, where it is known, so that it shows its name before anything is searched. */
  known?: Ref | null;
  onChange?: (id: string | null, name: string) => void;
  placeholder?: string;
  /** Names the field where no label stands beside it. */
  label?: string;
  autoFocus?: boolean;
  allowClear?: boolean;
  size?: SelectProps["size"];
  id?: string;
  style?: SelectProps["style"];
  /** Conditions on what is offered and found, such as not to be the record itself. */
  accepts?: (record: { id: string }) => boolean;
}

export function RefSelect({ kind, value, known, onChange, accepts, label, allowClear = true, ...rest }: Props) {
  const { t } = useTranslation("common");
  const [text, setText] = useState("");
  const [isOpened, setIsOpened] = useState(false);
  const [chosen, setChosen] = useState<{ value: string; label: string } | null>(null);
  const q = useDeferredValue(text.trim());
  const found = useQuery({
    ...queries.queryOptions("get", "/api/v1/search", { params: { query: { q, types: kind, limit: 20 } } }),
    enabled: q.length > 0,
    placeholderData: (previous) => previous,
  });
  const offered = useOffered(kind, isOpened, accepts);
  const hits = (found.data?.items ?? []).filter((hit) => accepts?.(hit) ?? true).map(choiceOf);
  const isKnown = known?.id === value || chosen?.value === value;
  // Of an address, or of a draft: only the id is known.
  const unnamed = value && !isKnown && isNamed(kind) ? [{ kind, id: value }] : [];
  const nameOfId = useNames(unnamed);
  const current = !value
    ? null
    : known?.id === value
      ? { value, label: nameOf(known) }
      : isKnown
        ? chosen
        : { value, label: isNamed(kind) ? nameOfId(kind, value) : value };
  return (
    <Select
      {...rest}
      popupMatchSelectWidth={false}
      listHeight={320}
      aria-label={label}
      value={value ?? undefined}
      options={q ? hits : offered.groups}
      // Enter takes the first that was found, but nothing that was only offered.
      defaultActiveFirstOption={q.length > 0}
      onOpenChange={(isOpen) => isOpen && setIsOpened(true)}
      labelRender={({ value: id, label: text }) => (current?.value === id ? current.label : text)}
      showSearch={{ filterOption: false, onSearch: setText }}
      allowClear={allowClear}
      placeholder={rest.placeholder ?? t("ref.placeholder")}
      notFoundContent={q ? t("palette.nothing", { q }) : t("ref.type")}
      loading={found.isFetching || offered.isReading}
      optionRender={(option) => (
        <span>
          {option.label} <small style={{ color: "var(--ink3)" }}>{(option.data as { note?: string }).note}</small>
        </span>
      )}
      onChange={(id: string | undefined) => {
        const hit = [...hits, ...offered.choices].find((one) => one.value === id);
        setChosen(hit ? { value: hit.value, label: hit.label } : null);
        onChange?.(id ?? null, hit?.label ?? "");
      }}
    />
  );
}

/** Returns what a chooser shows of a hit of the search. */
export function choiceOf(hit: Schemas["SearchHit"]): Choice {
  return { value: hit.id, label: hit.name, note: said({ zh: hit.note_zh ?? "", en: hit.note_en ?? "" }) || (hit.code ?? "") };
}
