import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { useKeys } from "@/app/keys";
import { useIsPhone } from "@/app/phone";
import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { type Enumeration, useMe, useMeta } from "@/app/who";
import { titled, useTranslation } from "@/i18n";
import { ListBar, useListConditions } from "@/shared/filters/ListBar";
import type { Preset } from "@/shared/filters/ViewTabs";
import { Empty, NoResult, QueryView, Skeleton } from "@/shared/StateView";
import { DEFAULT_SORT, type LeadAct, type LeadRow, useLeadFields, useLeads } from "../api";
import { ActSheet } from "../components/ActSheet";
import { LeadCards } from "../components/LeadCards";
import { LeadTable } from "../components/LeadTable";
import { RegisterSheet } from "../components/RegisterSheet";
import css from "../leads.module.css";

export function LeadsPage() {
  const { t } = useTranslation("leads");
  const { label, labels } = useMeta();
  const me = useMe();
  const isPhone = useIsPhone();
  const navigate = useNavigate();
  const [search, change] = usePageSearch();
  const [acting, setActing] = useState<{ lead: LeadRow; act: LeadAct } | null>(null);
  const fields = useLeadFields();
  const { conditions, clear } = useListConditions(fields);
  const sort = search.sort ?? DEFAULT_SORT;
  const list = useLeads(conditions, sort);
  const mayRegister = me.permissions.some((one) => one.code === "write");

  const register = () => change({ new: 1 }, { push: true });
  useKeys(
    useMemo(
      () => (mayRegister ? ["L", "N"].map((key) => ({ key, does: t("register"), run: () => change({ new: 1 }, { push: true }) })) : []),
      [mayRegister, t, change],
    ),
  );
  const presets = useMemo(
    (): Preset[] => [
      { key: "all", title: t("common:all"), query: {} },
      ...labels("RunningClock").map((one) => ({ key: one.code, title: titled(one), query: { clock: one.code } })),
      { key: "overdue", title: titled(label("Overdue" as Enumeration, "true")), query: { is_overdue: "true" } },
      ...labels("LeadStatus")
        .filter((one) => one.code !== "registered")
        .map((one) => ({ key: one.code, title: titled(one), query: { status: one.code } })),
    ],
    [t, label, labels],
  );

  const onAct = (lead: LeadRow, act: LeadAct) => setActing({ lead, act });
  const empty =
    Object.keys(conditions).length > 0 ? (
      <NoResult>
        <Button type="primary" onClick={clear}>
          {t("filters:clear")}
        </Button>
      </NoResult>
    ) : (
      <Empty title={t("empty")} text={t("emptyText")}>
        {mayRegister && <Button onClick={register}>{t("register")}</Button>}
      </Empty>
    );

  return (
    <>
      <Title text={t("title")} />
      <ListBar room="leads" presets={presets} fields={fields} count={list.first?.count}>
        {mayRegister && (
          <Button type="primary" icon={<Plus size={15} strokeWidth={1.75} aria-hidden="true" />} onClick={register}>
            {t("register")}
            {!isPhone && <kbd className={css.key}>L</kbd>}
          </Button>
        )}
      </ListBar>
      <QueryView query={list.query} skeleton={<Skeleton rows={10} columns={6} />}>
        {() =>
          isPhone ? (
            <LeadCards leads={list.rows} empty={empty} onAct={onAct} onEnd={list.query.hasNextPage ? list.onEnd : undefined} />
          ) : (
            <div className={css.table}>
              <LeadTable
                leads={list.rows}
                label={t("title")}
                empty={empty}
                sort={sort}
                onSort={(next) => change({ sort: next })}
                onOpen={(lead) => void navigate({ to: "/leads/$leadId", params: { leadId: lead.id } })}
                onAct={onAct}
                onEnd={list.onEnd}
              />
            </div>
          )
        }
      </QueryView>
      {acting && <ActSheet leadId={acting.lead.id} act={acting.act} onClose={() => setActing(null)} />}
      {search.new && <RegisterSheet onClose={() => change({ new: null })} />}
    </>
  );
}
