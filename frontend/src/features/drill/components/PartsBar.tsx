import { useMemo } from "react";
import { DividedBar, type Part } from "@/shared/DividedBar";
import { fen, shown } from "@/shared/money";
import { plainName } from "@/shared/RecordName";
import type { Line } from "../rows";

const MOST = 12;

interface Props {
  rows: readonly Line[];
  marked: string | null;
  onMark: (key: string | null) => void;
}

/** The total divided by the agreements or projects it is made of, the largest first; those beyond the twelfth as one. */
export function PartsBar({ rows, marked, onMark }: Props) {
  const { parts, total } = useMemo(() => partsOf(rows), [rows]);
  if (total <= 0n || !parts.length) return null;
  return <DividedBar parts={parts} total={total} size="thick" marked={marked} onMark={onMark} />;
}

function partsOf(rows: readonly Line[]): { parts: Part[]; total: bigint } {
  const amounts = new Map<string, { amount: bigint; name: string }>();
  for (const row of rows) {
    if (!row.amount) continue;
    const key = row.deal ?? row.project.code;
    const before = amounts.get(key)?.amount ?? 0n;
    amounts.set(key, { amount: before + fen(row.amount), name: plainName(row.project.name ?? row.project.code) });
  }
  const sorted = [...amounts].filter(([, part]) => part.amount > 0n).sort((a, b) => (a[1].amount < b[1].amount ? 1 : -1));
  const total = sorted.reduce((sum, [, part]) => sum + part.amount, 0n);
  const parts = sorted.slice(0, MOST).map(([key, part], index): Part => {
    const value = shown(part.amount, "yi", 1);
    return { key, amount: part.amount, label: `${part.name} ${value}`, text: index ? value : `${part.name} ${value}` };
  });
  const rest = sorted.slice(MOST).reduce((sum, [, part]) => sum + part.amount, 0n);
  if (rest > 0n) parts.push({ key: "", amount: rest, label: `+${sorted.length - MOST} ${shown(rest, "yi", 1)}`, text: `+${sorted.length - MOST}` });
  return { parts, total };
}
