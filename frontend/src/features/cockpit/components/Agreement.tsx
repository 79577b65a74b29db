import { Check, EqualNot } from "lucide-react";
import { useTranslation } from "@/i18n";
import { fen, shown, unitOf } from "@/shared/money";
import { To } from "@/shared/To";
import type { Published } from "../api";
import css from "./agreement.module.css";

interface Props {
  published: readonly Published[] | undefined;
  kind: Published["published"]["kind"];
  href: string;
}

/** Whether a figure agrees with what was published of it; nothing where nothing was. */
export function Agreement({ published, kind, href }: Props) {
  const { t } = useTranslation("cockpit");
  const found = (published ?? []).filter((one) => one.published.kind === kind && one.is_equal !== null);
  if (!found.length) return null;
  const isShort = found.length > 1;
  return (
    <p className={css.line}>
      {found.map((one) => {
        const min = one.published.min_planned_total;
        return (
          <To key={one.published.id} href={href} className={one.is_equal ? css.agrees : css.differs}>
            {one.is_equal ? <Check size={13} strokeWidth={1.75} aria-hidden="true" /> : <EqualNot size={13} strokeWidth={1.75} aria-hidden="true" />}
            {one.is_equal ? t(isShort ? "agreesShort" : "agrees") : min ? <Part yuan={min} /> : t("differs")}
          </To>
        );
      })}
    </p>
  );
}

function Part({ yuan }: { yuan: string }) {
  const { t } = useTranslation("cockpit");
  const { t: common } = useTranslation("common");
  const amount = fen(yuan);
  const unit = unitOf(amount);
  return <>{t("partDiffers", { amount: shown(amount, unit, 0), unit: common(`unit.${unit}`) })}</>;
}
