import type { Schemas } from "@/api/client";
import { said, useTranslation } from "@/i18n";
import { fen, scaleOf, share, shown } from "./money";
import type { RankRow } from "./Ranking";
import { pageOf } from "./To";

/** A group of whichever figure; its rows are at the one address or the other. */
export type RankGroup = Pick<Schemas["Group"], "key" | "label" | "count" | "amount"> & { entries_url?: string; rows_url?: string };

/** Returns groups as rows of a ranking: largest first, the one without a value last; months as they come. */
export function useRank(groups: readonly RankGroup[] | undefined, isDated = false): { rows: RankRow[]; unit: "yi" | "wan" } {
  const { t, language } = useTranslation("totals");
  const sorted = isDated ? [...(groups ?? [])] : [...(groups ?? [])].sort(largestFirst);
  const amounts = sorted.map((group) => fen(group.amount));
  const most = amounts.reduce((a, b) => (b > a ? b : a), 0n);
  const { unit, decimals } = scaleOf(amounts);
  const rows = sorted.map((group) => ({
    key: group.key,
    name: (language !== "en" && group.label.short_name) || said(group.label),
    title: said(group.label),
    value: shown(fen(group.amount), unit, decimals),
    length: share(fen(group.amount), most),
    count: t("rankCount", { count: group.count }),
    href: pageOf(group.entries_url ?? group.rows_url) ?? undefined,
    isNone: group.key === "none",
  }));
  return { rows, unit: unit === "wan" ? "wan" : "yi" };
}

function largestFirst(a: RankGroup, b: RankGroup): number {
  if ((a.key === "none") !== (b.key === "none")) return a.key === "none" ? 1 : -1;
  const difference = fen(b.amount) - fen(a.amount);
  return difference > 0n ? 1 : difference < 0n ? -1 : b.count - a.count;
}
