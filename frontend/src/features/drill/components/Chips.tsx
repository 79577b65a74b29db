import { X } from "lucide-react";
import type { Search } from "@/app/search";
import { useMeta } from "@/app/who";
import { said, textFor, useTranslation } from "@/i18n";
import type { RecordKind } from "@/shared/filters/fields";
import { useNames } from "@/shared/filters/names";
import css from "../pages/drill.module.css";

/** Parameters that have a control of their own. */
const CONTROLLED = new Set(["period", "from", "to", "known_at"]);
const RECORDS: Readonly<Record<string, RecordKind>> = { unit_id: "unit", own_unit_id: "unit", task_force_id: "task_force" };
/** Parameters that hold codes of these enumerations. */
const CODED = {
  of_kind: "EntryKind",
  size: "SizeBand",
  origin: "Origin",
  ownership: "Ownership",
  pool: "Pool",
  program: "Program",
  what: "FunnelWhat",
  without: "WithoutAmount",
} as const;

/** The other conditions of the address, each to be taken away. */
export function Chips({ query, onDrop }: { query: Search; onDrop: (key: string) => void }) {
  const { t } = useTranslation("drill");
  const { label, meta } = useMeta();
  const chips = Object.entries(query).filter(([key, value]) => value && !CONTROLLED.has(key));
  const name = useNames(
    chips.flatMap(([key, value]) => (RECORDS[key] ? value.split(",").filter((id) => id !== "none").map((id) => ({ kind: RECORDS[key]!, id })) : [])),
  );
  const say = (key: string, value: string): string => {
    if (value === "none") return t(RECORDS[key] ? "none" : "unknown");
    if (RECORDS[key]) return name(RECORDS[key], value);
    if (key in CODED) return said(label(CODED[key as keyof typeof CODED], value));
    if (key === "kind") return said(label("FigureKind", value).zh !== value ? label("FigureKind", value) : label("DealKind", value));
    const industry = key === "industry_code" && meta.industries.find((one) => one.code === value);
    if (industry) return said({ zh: industry.name_zh, en: industry.name_en });
    return value === "true" ? t("yes") : value === "false" ? t("no") : value;
  };
  return (
    <>
      {chips.map(([key, value]) => {
        const word = textFor("drill:filter", key);
        return (
          <span key={key} className={css.chip}>
            {word} {value.split(",").map((one) => say(key, one)).join(t("common:listSeparator"))}
            {key !== "what" && (
              <button type="button" aria-label={t("drop", { what: word })} onClick={() => onDrop(key)}>
                <X size={13} strokeWidth={1.75} />
              </button>
            )}
          </span>
        );
      })}
    </>
  );
}
