import { share } from "./money";
import { To } from "./To";
import css from "./divided.module.css";

export interface Part {
  key: string;
  /** In fen. */
  amount: bigint;
  label: string;
  href?: string;
  /** Written inside the part where it is wide enough. */
  text?: string;
}

interface Props {
  parts: readonly Part[];
  total: bigint;
  size?: "slim" | "thin" | "thick";
  /** How many of the first parts are in the strong colour. */
  strong?: number;
  marked?: string | null;
  onMark?: (key: string | null) => void;
}

/** The parts of a total, largest first, two pixels apart. */
export function DividedBar({ parts, total, size = "thin", strong = 1, marked, onMark }: Props) {
  return (
    <div className={`${css.bar} ${css[size]}`} role="list">
      {parts.map((part, index) => {
        const width = share(part.amount, total);
        const props = {
          className: `${index < strong ? css.strong : css.weak} ${marked === part.key ? css.marked : ""}`,
          style: { flexGrow: Math.max(width, 0.4) },
          title: part.label,
          "aria-label": part.label,
          onMouseEnter: onMark && (() => onMark(part.key)),
          onMouseLeave: onMark && (() => onMark(null)),
        };
        const text = part.text && width > 6 ? <span>{part.text}</span> : null;
        return part.href ? (
          <To key={part.key} role="listitem" href={part.href} {...props}>
            {text}
          </To>
        ) : (
          <div key={part.key} role="listitem" {...props}>
            {text}
          </div>
        );
      })}
    </div>
  );
}
