import type { ReactNode } from "react";
import { useTranslation } from "@/i18n";
import { fen, shown, unitOf } from "@/shared/money";
import { To } from "@/shared/To";
import css from "./figure.module.css";

interface Props {
  yuan: string;
  href: string | null;
  /** The caliber, shown where one points at the figure. */
  title: string;
  size: "xl" | "l";
}

/** A key figure: large, with its unit small beside it; a link to its rows. */
export function Figure({ yuan, href, title, size }: Props) {
  const { t } = useTranslation("common");
  const amount = fen(yuan);
  const unit = unitOf(amount) === "wan" && amount !== 0n ? "wan" : "yi";
  const content = (
    <>
      <b>{shown(amount, unit, unit === "yi" ? 1 : 0)}</b> <small>{t(`unit.${unit}`)}</small>
    </>
  );
  const props = { className: `${css.figure} ${css[size]}`, title: `${shown(amount, "yuan", 0)} ${t("unit.yuan")}\n${title}` };
  return href ? (
    <To href={href} {...props}>
      {content}
    </To>
  ) : (
    <span {...props}>{content}</span>
  );
}

/** A number in a sentence, as a link to its rows. */
export function Count({ value, href, children }: { value: number; href?: string | null; children: ReactNode }) {
  const content = (
    <>
      <b>{value.toLocaleString("en")}</b> {children}
    </>
  );
  return href ? (
    <To href={href} className={css.count}>
      {content}
    </To>
  ) : (
    <span className={css.count}>{content}</span>
  );
}
