import { Button } from "antd";
import { Plus } from "lucide-react";
import { useMemo } from "react";
import { useKeys } from "@/app/keys";
import { useIsPhone } from "@/app/phone";
import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMe, useMeta, useToday } from "@/app/who";
import { titled, useTranslation } from "@/i18n";
import { ListBar, useListConditions } from "@/shared/filters/ListBar";
import type { Preset } from "@/shared/filters/ViewTabs";
import { Empty, NoResult, QueryView, Skeleton } from "@/shared/StateView";
import { quarterOf } from "../bodies";
import { DEFAULT_SORT, type DealRow, useDealFields, useDeals } from "../api";
import { DealCards } from "../components/DealCards";
import { DealDrawer } from "../components/DealDrawer";
import { DealTable } from "../components/DealTable";
import { DraftSheet } from "../components/DraftSheet";
import css from "../deals.module.css";

export function DealsPage() {
  const { t } = useTranslation("deals");
  const { label } = useMeta();
  const me = useMe();
  const today = useToday();
  const isPhone = useIsPhone();
  const [search, change] = usePageSearch();
  const fields = useDealFields();
  const { conditions, clear } = useListConditions(fields);
  const sort = search.sort ?? DEFAULT_SORT;
  const list = useDeals(conditions, sort);
  const mayDraft = me.permissions.some((one) => one.code === "write");
  useKeys(
    useMemo(
      () => (mayDraft ? [{ key: "N", does: t("draft"), run: () => change({ new: 1 }, { push: true }) }] : []),
      [mayDraft, t, change],
    ),
  );
  const presets = useMemo((): Preset[] => {
    const [from, to] = quarterOf(today);
    return [
      { key: "all", title: t("common:all"), query: {} },
      { key: "submitted", title: t("presets.submitted"), query: { status: "draft", submitted: "true" } },
      { key: "drafts", title: titled(label("DealStatus", "draft")), query: { status: "draft", submitted: "false" } },
      { key: "returned", title: t("presets.returned"), query: { returned: "true" } },
      { key: "quarter", title: t("presets.quarter"), query: { status: "live", signed_from: from, signed_to: to } },
      { key: "awaiting", title: t("presets.awaiting"), query: { awaiting_signed: "true" } },
      { key: "terminated", title: titled(label("DealStatus", "terminated")), query: { status: "terminated" } },
    ];
  }, [today, t, label]);

  const open = (deal: DealRow) => change({ open: deal.id }, { push: true });
  const isFiltered = Object.keys(conditions).length > 0;
  const empty = isFiltered ? (
    <NoResult>
      <Button type="primary" onClick={clear}>
        {t("filters:clear")}
      </Button>
    </NoResult>
  ) : (
    <Empty title={t("empty")} text={t("emptyText")} />
  );
  return (
    <>
      <Title text={t("title")} />
      <ListBar room="deals" presets={presets} fields={fields} count={list.first?.count}>
        {mayDraft && (
          <Button icon={<Plus size={15} strokeWidth={1.75} aria-hidden="true" />} onClick={() => change({ new: 1 }, { push: true })}>
            {t("draft")}
          </Button>
        )}
      </ListBar>
      <QueryView query={list.query} skeleton={<Skeleton rows={12} columns={6} />}>
        {() =>
          isPhone ? (
            <DealCards deals={list.rows} first={list.first} empty={empty} onOpen={open} onEnd={list.query.hasNextPage ? list.onEnd : undefined} />
          ) : (
            <div className={css.table}>
              <DealTable deals={list.rows} first={list.first} empty={empty} sort={sort} onSort={(next) => change({ sort: next })} onOpen={open} onEnd={list.onEnd} openId={search.open} />
            </div>
          )
        }
      </QueryView>
      {search.open && <DealDrawer key={search.open} dealId={search.open} onClose={() => change({ open: null, activity: null })} />}
      {search.new && (
        <DraftSheet
          projectId={search.project_id?.includes(",") ? undefined : search.project_id}
          onClose={() => change({ new: null })}
          onDone={(id) => change({ new: null, open: id })}
        />
      )}
    </>
  );
}
