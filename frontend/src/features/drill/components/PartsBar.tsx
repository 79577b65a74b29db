import { DividedBar, type Part } from "@/shared/DividedBar";
import { shown } from "@/shared/money";

const MOST = 12;

/** One part of a total: an agreement, a project or a group. */
export interface Amount {
  key: string;
  name: string;
  /** In fen. */
  amount: bigint;
}

interface Props {
  parts: readonly Amount[];
  marked: string | null;
  onMark: (key: string | null) => void;
}

/** The total divided by its parts, the largest first; those beyond the twelfth as one. */
export function PartsBar({ parts, marked, onMark }: Props) {
  const sorted = parts.filter((part) => part.amount > 0n).sort((a, b) => (a.amount < b.amount ? 1 : -1));
  const total = sorted.reduce((sum, part) => sum + part.amount, 0n);
  if (total <= 0n) return null;
  const drawn = sorted.slice(0, MOST).map(({ key, name, amount }, index): Part => {
    const value = shown(amount, "yi", 1);
    return { key, amount, label: `${name} ${value}`, text: index ? value : `${name} ${value}` };
  });
  const rest = sorted.slice(MOST).reduce((sum, part) => sum + part.amount, 0n);
  if (rest > 0n) drawn.push({ key: "", amount: rest, label: `+${sorted.length - MOST} ${shown(rest, "yi", 1)}`, text: `+${sorted.length - MOST}` });
  return <DividedBar parts={drawn} total={total} size="thick" marked={marked} onMark={onMark} />;
}
