import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { useMeta } from "@/app/who";
import { nameOf, shortNameOf, titled, useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import { type Column, DataTable } from "@/shared/DataTable";
import { Money } from "@/shared/Money";
import { plainName, RecordName } from "@/shared/RecordName";
import { dealQuery, type DealRow } from "../api";
import css from "../deals.module.css";
import { DealState } from "./parts";

interface Props {
  deals: readonly DealRow[];
  first: Schemas["DealList"] | undefined;
  empty: ReactNode;
  sort: string;
  openId?: string;
  onSort: (sort: string) => void;
  onOpen: (deal: DealRow) => void;
  onEnd?: () => void;
}

export function DealTable({ deals, first, openId, ...rest }: Props) {
  const { t } = useTranslation("deals");
  const { label, field } = useMeta();
  const client = useQueryClient();
  const of = (name: string) => titled(field("deal", name));
  const none = <span className={css.none}>{t("common:notFilled")}</span>;
  const columns: Column<DealRow>[] = [
    { key: "code", title: of("code"), width: 112, frozen: true, render: (deal) => <span className={css.code}>{deal.code}</span>, foot: t("foot.total") },
    {
      key: "title",
      title: t("agreement"),
      width: 240,
      grows: true,
      render: (deal) => (
        <button type="button" className={css.title} title={deal.title} onClick={() => rest.onOpen(deal)}>
          <RecordName of={{ name: deal.title }} illustrative={deal.is_illustrative} />
        </button>
      ),
      foot: first && <Left first={first} />,
    },
    { key: "kind", title: of("kind"), width: 124, render: (deal) => titled(label("DealKind", deal.kind)) },
    { key: "status", title: of("status"), width: 122, render: (deal) => <DealState deal={deal} /> },
    { key: "agreement_no", title: of("agreement_no"), width: 152, render: (deal) => (deal.agreement_no ? plainName(deal.agreement_no) : none) },
    { key: "signed_on", title: of("signed_on"), width: 104, sort: "signed_on", render: (deal) => deal.signed_on ?? none },
    {
      key: "amount",
      title: t("amountYi"),
      width: 112,
      align: "right",
      sort: "agreed_amount",
      render: (deal) => <Money yuan={deal.agreed_amount} unit="yi" hasUnit={false} decimals={2} />,
      foot: first?.sum && <Money yuan={first.sum.agreed_amount} unit="yi" hasUnit={false} decimals={2} />,
    },
    { key: "investor", title: of("investor"), width: 150, render: (deal) => (deal.investor ? <span className={css.cut}>{plainName(nameOf(deal.investor))}</span> : none) },
    { key: "unit", title: of("unit"), width: 84, render: (deal) => (deal.unit ? shortNameOf(deal.unit) : none) },
    { key: "task_force", title: of("task_force"), width: 104, render: (deal) => (deal.task_force ? <span className={css.cut}>{shortNameOf(deal.task_force)}</span> : "—") },
  ];
  return (
    <DataTable
      {...rest}
      onHover={(deal) => void client.prefetchQuery(dealQuery(deal.id))}
      rows={deals}
      columns={columns}
      label={t("title")}
      rowKey={(deal) => deal.id}
      rowClass={(deal) => (deal.id === openId ? css.opened : undefined)}
      rowHeight={34}
      hasFoot={deals.length > 0}
    />
  );
}

/** What of the rows counts in the sum, and what does not. */
export function Left({ first }: { first: Schemas["DealList"] }) {
  const { t } = useTranslation("deals");
  const { sum, left_out: left, count } = first;
  if (!sum) return null;
  const parts = (Object.entries(left ?? {}) as [keyof Schemas["DealLeftOut"], number][]).filter(([, number]) => number > 0);
  const out = parts.reduce((all, [, number]) => all + number, 0);
  const what = parts.map(([name, number]) => t(`foot.${name}`, { count: number })).join(t("common:listSeparator"));
  return (
    <span className={css.left} title={[t("foot.caliber"), what].filter(Boolean).join(" · ")}>
      {t("foot.counted", { all: countText(count), counted: sum.count })}
      {out > 0 && <span className={css.none}> {t("foot.out", { count: out })}</span>}
    </span>
  );
}
