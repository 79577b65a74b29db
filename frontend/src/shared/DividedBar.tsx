import { useNavigate } from "@tanstack/react-router";
import { parseSearch } from "@/app/search";
import { useTranslation } from "@/i18n";
import { share } from "./money";
import css from "./divided.module.css";

export interface Part {
  key: string;
  /** In fen. */
  amount: bigint;
  label: string;
  href?: string;
  /** Written inside the part where it is wide enough (divided.module.css). */
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

/** The parts of a total, largest first, two pixels apart. It is one picture with a sentence as its name: parts are too
 * narrow to be aimed at by a key, so what a click on one opens stands as a link beside the bar or in its rows. */
export function DividedBar({ parts, total, size = "thin", strong = 1, marked, onMark }: Props) {
  const { t } = useTranslation("common");
  const navigate = useNavigate();
  const open = (href: string) => {
    const [path = "", search = ""] = href.split("?");
    void navigate({ to: path, search: parseSearch(search) as never });
  };
  return (
    <div className={`${css.bar} ${css[size]}`} role="img" aria-label={parts.map((part) => part.label).join(t("listSeparator"))}>
      {parts.map((part, index) => (
        <div
          key={part.key}
          className={`${index < strong ? css.strong : css.weak} ${marked === part.key ? css.marked : ""} ${part.href ? css.opens : ""}`}
          style={{ flexGrow: Math.max(share(part.amount, total), 0.4) }}
          title={part.label}
          onClick={part.href ? () => open(part.href!) : undefined}
          onMouseEnter={onMark && (() => onMark(part.key))}
          onMouseLeave={onMark && (() => onMark(null))}
        >
          {part.text && <span>{part.text}</span>}
        </div>
      ))}
    </div>
  );
}
