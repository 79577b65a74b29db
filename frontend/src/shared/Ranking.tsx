import { To } from "./To";
import type { ReactNode } from "react";
import css from "./ranking.module.css";

export interface RankRow {
  key: string;
  name: string;
  /** The full name, where `name` is the short one. */
  title?: string;
  /** The value as shown, and the length of its bar from 0 to 100. */
  value: ReactNode;
  length: number;
  count?: ReactNode;
  href?: string;
  /** The group without a value: last, hatched. */
  isNone?: boolean;
}

/** A ranking as a list of rows with a bar: it prints, reads aloud and is its own table. Each row opens its rows. */
export function Ranking({ rows, highlight = 0 }: { rows: readonly RankRow[]; highlight?: number }) {
  return (
    <ol className={css.ranking}>
      {rows.map((row, index) => {
        const content = (
          <>
            <span className={css.name} title={row.title ?? row.name}>
              {row.name}
            </span>
            <span className={css.track} aria-hidden="true">
              <i
                className={row.isNone ? css.none : index < highlight ? css.first : css.rest}
                style={{ width: `${Math.max(row.length, row.length ? 1.5 : 0)}%` }}
              />
            </span>
            <span className={css.value}>{row.value}</span>
            {row.count !== undefined && <span className={css.count}>{row.count}</span>}
          </>
        );
        return (
          <li key={row.key}>
            {row.href ? (
              <To href={row.href} className={css.row}>
                {content}
              </To>
            ) : (
              <div className={css.row}>{content}</div>
            )}
          </li>
        );
      })}
    </ol>
  );
}
