import { Button } from "antd";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMe, useMeta } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import type { Column } from "@/shared/DataTable";
import { stamp } from "@/shared/days";
import { SecretDialog } from "@/shared/SecretDialog";
import { Sheet } from "@/shared/Sheet";
import { Empty, QueryView } from "@/shared/StateView";
import { useAct } from "@/shared/useAct";
import { usePages } from "@/shared/usePages";
import { Bar, EnumFilter, Facts, Lines, List, ReasonForm, State, useSayDone } from "../parts";
import { Compared } from "./Compared";
import css from "../admin.module.css";

type Change = Schemas["ControlChangeRead"];

const TONES = { pending: "soon", confirmed: "ok", refused: "bad", withdrawn: "plain", expired: "plain" } as const;

/** Returns the function that names what a change is about: the setting, stage, clock, source or year. */
function useSubject(): (of: Change) => string {
  const { label, stage } = useMeta();
  return ({ kind, key, before }) => {
    if (typeof before.name === "string") return before.name;
    if (kind === "office_setting") return said(label("OfficeKey", key));
    if (kind === "lead_clock") return said(label("ClockCode", key));
    if (kind === "calendar" || kind === "job_schedule") return key;
    const found = kind === "stage" ? stage(key) : undefined;
    return found ? said({ zh: found.name_zh, en: found.name_en }) : "";
  };
}

export default function ControlChanges() {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const [search, change] = usePageSearch();
  const query = {
    ...(search.state && { state: search.state as Change["state"] }),
    ...(search.kind && { kind: search.kind as Change["kind"] }),
  };
  const pages = usePages<Change, Schemas["Page_ControlChangeRead_"]>(["control-changes", query], async (asked) => {
    const { data } = await api.GET("/api/v1/control-changes", { params: { query: { ...query, ...asked } } });
    return data!;
  });
  const subject = useSubject();
  const state = (row: Change) => <State tone={TONES[row.state]}>{said(label("ChangeState", row.state))}</State>;
  const columns: Column<Change>[] = [
    { key: "at", title: t("changes.at"), width: 140, render: (row) => stamp(row.asked_at) },
    {
      key: "what",
      title: t("changes.what"),
      width: 240,
      grows: true,
      render: (row) => (
        <>
          <b className={css.strong}>{said(row)}</b> <span className={css.quiet}>{subject(row)}</span>
        </>
      ),
    },
    { key: "state", title: t("changes.state"), width: 110, render: state },
    { key: "by", title: t("changes.by"), width: 140, render: (row) => row.asked_by_name },
    { key: "reason", title: t("act:reason"), width: 240, grows: true, render: (row) => row.reason ?? "—" },
    { key: "until", title: t("changes.until"), width: 140, render: (row) => (row.state === "pending" ? stamp(row.expires_at) : "") },
  ];
  return (
    <>
      <p className={css.intro}>{t("changes.intro")}</p>
      <Bar>
        <EnumFilter of="ChangeState" label={t("changes.state")} value={search.state} onChange={(next) => change({ state: next })} />
        <EnumFilter of="ControlKind" label={t("changes.what")} value={search.kind} onChange={(kind) => change({ kind })} />
      </Bar>
      <List
        pages={pages}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("sections.control-changes")}
        onOpen={(row) => change({ open: row.id }, { push: true })}
        card={(row) => <Lines title={said(row)} side={state(row)} lines={[subject(row), `${row.asked_by_name} · ${stamp(row.asked_at)}`, row.reason]} />}
        empty={<Empty title={t("changes.empty")} text={t("changes.emptyText")} />}
      />
      {search.open && <ChangeSheet id={search.open} onClose={() => change({ open: null })} />}
    </>
  );
}

function ChangeSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const subject = useSubject();
  const found = queries.useQuery("get", "/api/v1/control-changes/{change_id}", { params: { path: { change_id: id } } });
  return (
    <Sheet open title={found.data ? [said(found.data), subject(found.data)].filter(Boolean).join(" · ") : t("sections.control-changes")} onClose={onClose} width={600}>
      <QueryView query={found}>{(one) => <Detail of={one} />}</QueryView>
    </Sheet>
  );
}

function Detail({ of }: { of: Change }) {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const me = useMe();
  const done = useSayDone();
  const [isRefusing, setIsRefusing] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const path = { change_id: of.id };
  const version = () => of.version;
  const confirm = useAct<undefined, Schemas["ControlChangeConfirmed"]>({
    version,
    act: (_, { header }) => api.POST("/api/v1/control-changes/{change_id}/confirmation", { params: { path, header } }),
    onDone: (answer) => (answer.secret ? setSecret(answer.secret) : done(null)),
  });
  const withdraw = useAct<undefined, Change>({
    version,
    act: (_, { header, headers }) => api.POST("/api/v1/control-changes/{change_id}/withdrawal", { params: { path, header }, headers }),
    onDone: () => done(null),
  });
  const isMine = of.asked_by === me.id;
  const mayConfirm = !isMine && me.permissions.some((one) => one.code === of.confirmed_with);
  return (
    <>
      <Facts
        rows={[
          [t("changes.state"), <State key="s" tone={TONES[of.state]}>{said(label("ChangeState", of.state))}</State>],
          [t("changes.by"), `${of.asked_by_name} · ${stamp(of.asked_at)}`],
          [t("act:reason"), of.reason],
          of.state === "pending" && [t("changes.until"), stamp(of.expires_at)],
          of.state === "pending" && [t("changes.with"), said(label("Permission", of.confirmed_with))],
          of.settled_at && [t("changes.settled"), `${of.settled_by_name ?? ""} · ${stamp(of.settled_at)}`],
          of.settled_reason && [t("changes.settledReason"), of.settled_reason],
        ]}
      />
      <Compared of={of} />
      {of.state === "pending" && (
        <div className={css.buttons}>
          {mayConfirm && (
            <>
              <Button type="primary" loading={confirm.isPending} onClick={() => confirm.mutate(undefined)}>
                {t("changes.confirm")}
              </Button>
              <Button onClick={() => setIsRefusing(true)}>{t("changes.refuse")}</Button>
            </>
          )}
          {isMine && (
            <Button loading={withdraw.isPending} onClick={() => withdraw.mutate(undefined)}>
              {t("changes.withdraw")}
            </Button>
          )}
          {!isMine && !mayConfirm && <p className={css.quiet}>{t("changes.others", { what: said(label("Permission", of.confirmed_with)) })}</p>}
        </div>
      )}
      {isRefusing && (
        <ReasonForm
          title={t("changes.refuse")}
          submit={t("changes.refuse")}
          version={of.version}
          act={(reason, { header, headers }) =>
            api.POST("/api/v1/control-changes/{change_id}/refusal", { params: { path, header }, body: { reason }, headers })
          }
          onClose={() => setIsRefusing(false)}
        />
      )}
      {secret && (
        <SecretDialog
          title={t("sources.secretTitle")}
          note={t("sources.secretNote")}
          secrets={[{ label: t("endpoints.secret"), text: secret }]}
          onClose={() => setSecret(null)}
        />
      )}
    </>
  );
}
