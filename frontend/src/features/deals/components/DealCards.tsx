import { Button } from "antd";
import type { ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { shortNameOf, useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import { Money } from "@/shared/Money";
import { plainName, RecordName } from "@/shared/RecordName";
import type { DealRow } from "../api";
import css from "../deals.module.css";
import { DealState } from "./parts";

interface Props {
  deals: readonly DealRow[];
  first: Schemas["DealList"] | undefined;
  empty: ReactNode;
  onOpen: (deal: DealRow) => void;
  onEnd?: () => void;
}

/** The list on a phone. */
export function DealCards({ deals, first, empty, onOpen, onEnd }: Props) {
  const { t } = useTranslation("deals");
  if (!deals.length) return empty;
  return (
    <div className={css.cards}>
      {first?.sum && (
        <p className={css.sum}>
          {t("foot.counted", { all: countText(first.count), counted: first.sum.count })} · <Money yuan={first.sum.agreed_amount} />
        </p>
      )}
      {deals.map((deal) => (
        <button key={deal.id} type="button" className={css.card} onClick={() => onOpen(deal)}>
          <span className={css.cardHead}>
            <strong>
              <RecordName of={{ name: deal.title }} illustrative={deal.is_illustrative} />
            </strong>
            <Money yuan={deal.agreed_amount} unit="yi" />
          </span>
          <span className={css.cardLine}>
            {[deal.signed_on, deal.unit && shortNameOf(deal.unit), deal.agreement_no && plainName(deal.agreement_no)].filter(Boolean).join(" · ")}
          </span>
          <DealState deal={deal} />
        </button>
      ))}
      {onEnd && <Button onClick={onEnd}>{t("common:more")}</Button>}
    </div>
  );
}
