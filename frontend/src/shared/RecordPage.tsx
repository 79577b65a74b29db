/** The page of a record: its name with what places it, key figures, acts; cards at the left, what happened at the right. */
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { useKeys } from "@/app/keys";
import { useTranslation } from "@/i18n";
import { To } from "./To";
import css from "./record.module.css";

/** On the page of a record `E` opens its form, where the reader may edit it. */
export function useEditKey(onEdit: (() => void) | null): void {
  const { t } = useTranslation("common");
  const run = useRef(onEdit);
  useEffect(() => {
    run.current = onEdit;
  });
  const isOpen = onEdit !== null;
  useKeys(useMemo(() => (isOpen ? [{ key: "E", does: t("edit"), run: () => run.current?.() }] : []), [isOpen, t]));
}

interface HeadProps {
  name: ReactNode;
  /** Below the name: tags, links. */
  children?: ReactNode;
  figures?: ReactNode;
  acts?: ReactNode;
}

export function RecordHead({ name, children, figures, acts }: HeadProps) {
  return (
    <header className={css.head}>
      <div className={css.who}>
        <h2>{name}</h2>
        {children && <div className={css.places}>{children}</div>}
      </div>
      {figures && <div className={css.figures}>{figures}</div>}
      {acts && <div className={css.acts}>{acts}</div>}
    </header>
  );
}

/** A key figure with its caption; a link to its rows where it has them. */
export function Figure({ caption, href, children, tone }: { caption: ReactNode; href?: string | null; children: ReactNode; tone?: "danger" | "warn" }) {
  const content = (
    <>
      <span className={css.caption}>{caption}</span>
      <span className={`${css.figure} ${tone ? css[tone] : ""}`}>{children}</span>
    </>
  );
  return href ? (
    <To href={href} className={css.figureBox}>
      {content}
    </To>
  ) : (
    <div className={css.figureBox}>{content}</div>
  );
}

export function Columns({ children, side }: { children: ReactNode; side: ReactNode }) {
  return (
    <div className={css.columns}>
      <div className={css.stack}>{children}</div>
      <aside className={css.side}>{side}</aside>
    </div>
  );
}

export function Tag({ children, tone = "plain" }: { children: ReactNode; tone?: "plain" | "accent" | "warn" | "ok" | "danger" }) {
  return <span className={`${css.tag} ${css[`tag_${tone}`]}`}>{children}</span>;
}

export interface Fact {
  label: ReactNode;
  /** Null or empty is shown as «not filled in». */
  value: ReactNode;
  isWide?: boolean;
}

/** Facts in two columns. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  const { t } = useTranslation("common");
  return (
    <dl className={css.facts}>
      {facts.map((fact, index) => (
        <div key={index} className={fact.isWide ? css.wide : ""}>
          <dt>{fact.label}</dt>
          <dd>{fact.value === null || fact.value === undefined || fact.value === "" ? <span className={css.none}>{t("notFilled")}</span> : fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A small table inside of a card; on a phone its rows become blocks. */
interface MiniTableProps {
  label: string;
  head: readonly ReactNode[];
  rows: readonly { key: string; cells: readonly ReactNode[] }[];
  /** The columns of numbers, by their index. */
  right?: readonly number[];
  /** The column that names the row: on a phone it stands above the others, without its head. */
  main?: number;
}

export function MiniTable({ head, rows, label, right = [], main = 0 }: MiniTableProps) {
  return (
    <table className={css.mini} aria-label={label}>
      <thead>
        <tr>
          {head.map((cell, index) =>
            cell === "" ? (
              <td key={index} />
            ) : (
              <th key={index} scope="col" className={right.includes(index) ? css.right : undefined}>
                {cell}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            {row.cells.map((cell, index) => (
              <td key={index} className={`${right.includes(index) ? css.right : ""} ${index === main ? css.main : ""}`} data-head={head[index] && typeof head[index] === "string" ? head[index] : undefined}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Says that there is nothing in a card, quietly. */
export function Nothing({ children }: { children: ReactNode }) {
  return <p className={css.nothing}>{children}</p>;
}
