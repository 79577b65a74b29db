import type { ReactNode } from "react";
import css from "./card.module.css";

interface Props {
  title?: ReactNode;
  /** Beside the title, small. */
  note?: ReactNode;
  /** At the right of the head: a link or a switch. */
  extra?: ReactNode;
  children: ReactNode;
  className?: string;
  /** Without padding, for tables that reach the edge. */
  isBare?: boolean;
}

export function Card({ title, note, extra, children, className = "", isBare }: Props) {
  return (
    <section className={`${css.card} ${className}`}>
      {title && (
        <header className={css.head}>
          <h2>{title}</h2>
          {note && <span className={css.note}>{note}</span>}
          {extra && <div className={css.extra}>{extra}</div>}
        </header>
      )}
      <div className={isBare ? css.bare : css.body}>{children}</div>
    </section>
  );
}
