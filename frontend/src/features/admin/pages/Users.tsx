import { App, AutoComplete, Button, Checkbox, Form, Input, Select } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, queries, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMe, useMeta, useToday } from "@/app/who";
import { nameOf, said } from "@/i18n";
import { countText } from "@/shared/counts";
import type { Column } from "@/shared/DataTable";
import { DayField } from "@/shared/DayField";
import { stamp } from "@/shared/days";
import { QuickSearch } from "@/shared/filters/QuickSearch";
import { FormSheet } from "@/shared/FormSheet";
import { UnitSelect } from "@/shared/forms/choosers";
import { RefSelect } from "@/shared/RefSelect";
import { SecretDialog } from "@/shared/SecretDialog";
import { Sheet } from "@/shared/Sheet";
import { QueryView } from "@/shared/StateView";
import { TokenForm, TokenLines } from "@/shared/tokens/Tokens";
import { useAct } from "@/shared/useAct";
import { usePages } from "@/shared/usePages";
import { ActButton, Bar, Block, EnumFilter, Facts, Lines, List, State, useSayDone } from "../parts";
import css from "../admin.module.css";

type Row = Schemas["UserRow"];
type User = Schemas["UserWithRights"];
type Read = Schemas["UserRead"];

const FLAGS = ["is_locked", "waits_for_release", "has_suspended_roles"] as const;

export default function Users() {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const me = useMe();
  const today = useToday();
  const [search, change] = usePageSearch();
  const [isNew, setIsNew] = useState(false);
  const flag = FLAGS.find((one) => search[one]);
  const query = {
    ...(search.q && { q: search.q }),
    ...(search.role && { role: search.role }),
    ...(search.unit_id && { unit_id: search.unit_id }),
    ...(flag && { [flag]: true }),
  };
  const pages = usePages<Row, Schemas["Page_UserRow_"]>(["users", query], async (asked) => {
    const { data } = await api.GET("/api/v1/users", { params: { query: { ...query, ...asked, with: "count" } } });
    return data!;
  });
  const roles = (row: Row | Read) => row.roles.map((role) => said(label("Role", role))).join(t("common:listSeparator"));
  const columns: Column<Row>[] = [
    { key: "display_name", title: t("users.person"), width: 160, frozen: true, render: (row) => <b className={css.strong}>{row.display_name}</b> },
    { key: "name", title: t("users.name"), width: 170, render: (row) => row.name },
    { key: "unit", title: t("users.unit"), width: 150, render: (row) => (row.unit ? nameOf(row.unit) : "—") },
    { key: "roles", title: t("users.roles"), width: 190, grows: true, render: (row) => roles(row) || <span className={css.none}>{t("common:none")}</span> },
    { key: "ways", title: t("users.ways"), width: 190, render: (row) => ways(row, t).join(t("common:listSeparator")) },
    { key: "state", title: t("users.state"), width: 170, render: (row) => <States row={row} today={today} /> },
  ];
  return (
    <>
      <Bar
        acts={
          me.permissions.some((one) => one.code === "manage_accounts") && (
            <Button type="primary" icon={<Plus size={14} strokeWidth={1.75} />} onClick={() => setIsNew(true)}>
              {t("users.add")}
            </Button>
          )
        }
      >
        <QuickSearch value={search.q} onChange={(q) => change({ q })} />
        <EnumFilter of="Role" label={t("users.roles")} value={search.role} onChange={(role) => change({ role })} />
        <Select
          className={css.filter}
          aria-label={t("users.state")}
          placeholder={t("users.state")}
          allowClear
          value={flag}
          options={FLAGS.map((one) => ({ value: one, label: t(`users.${one}`) }))}
          onChange={(next?: string) => change({ is_locked: null, waits_for_release: null, has_suspended_roles: null, ...(next && { [next]: true }) })}
        />
      </Bar>
      <List
        pages={pages}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("sections.users")}
        onOpen={(row) => change({ open: row.id }, { push: true })}
        card={(row) => <Lines title={row.display_name} side={<States row={row} today={today} />} lines={[`${row.name} · ${roles(row)}`, row.unit && nameOf(row.unit)]} />}
        note={t("users.count", { count: pages.first?.count?.value ?? 0, shown: countText(pages.first?.count) })}
      />
      {search.open && <UserSheet id={search.open} onClose={() => change({ open: null })} />}
      {isNew && <EditForm onClose={() => setIsNew(false)} onDone={(user) => change({ open: user.id })} />}
    </>
  );
}

type Translate = (key: string) => string;

function ways(row: Row | User, t: Translate): string[] {
  return [row.has_password && t("users.password"), row.has_second_factor && t("users.factor"), row.sign_on_subject && t("users.signOn")].filter(
    (one): one is string => Boolean(one),
  );
}

function States({ row, today }: { row: Row | User; today: string }) {
  const { t } = useTranslation("admin");
  // An account that begins or ends does so by the real day; one that has ended long ago has ended by the stored day, too.
  const hasEnded = row.active_until !== null && row.active_until < today;
  return (
    <>
      {row.is_locked && <State tone="bad">{t("users.is_locked")}</State>}
      {row.suspended_roles.length > 0 && <State tone="soon">{t("users.has_suspended_roles")}</State>}
      {row.waits_for_release && <State tone="soon">{t("users.waits_for_release")}</State>}
      {hasEnded && <State>{t("users.ended")}</State>}
      {!row.is_locked && !row.suspended_roles.length && !row.waits_for_release && !hasEnded && <State tone="ok">{t("users.fine")}</State>}
    </>
  );
}

type Open = "edit" | "grant" | "bind" | "token" | null;

function UserSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const found = queries.useQuery("get", "/api/v1/users/{user_id}", { params: { path: { user_id: id } } });
  return (
    <Sheet open title={found.data?.display_name ?? t("sections.users")} onClose={onClose} width={560}>
      <QueryView query={found}>{(user) => <UserDetail user={user} />}</QueryView>
    </Sheet>
  );
}

function UserDetail({ user }: { user: User }) {
  const { t } = useTranslation("admin");
  const { label } = useMeta();
  const today = useToday();
  const done = useSayDone();
  const [open, setOpen] = useState<Open>(null);
  const [secret, setSecret] = useState<{ title: string; note: string; label: string; text: string } | null>(null);
  const path = { user_id: user.id };
  const version = () => user.version;
  const lock = useAct<"lock" | "unlock", Read>({
    version,
    act: (what, { header, headers }) =>
      what === "lock"
        ? api.POST("/api/v1/users/{user_id}/lock", { params: { path, header }, headers })
        : api.POST("/api/v1/users/{user_id}/unlock", { params: { path, header }, headers }),
    onDone: done,
  });
  const password = useAct<"reset" | "release", Schemas["PasswordIssued"]>({
    act: (what) =>
      what === "reset"
        ? api.POST("/api/v1/users/{user_id}/password", { params: { path } })
        : api.POST("/api/v1/users/{user_id}/password/release", { params: { path } }),
    onDone: (issued, what) =>
      setSecret({ title: t(`users.${what}Done`), note: t(`users.${what}Note`), label: t(`users.${what}Part`), text: issued.password }),
  });
  const factor = useAct<undefined, unknown>({
    act: () => api.DELETE("/api/v1/users/{user_id}/second-factor", { params: { path } }),
    onDone: done,
  });
  const unbind = useAct<undefined, Read>({
    version,
    act: (_, { header }) => api.DELETE("/api/v1/users/{user_id}/sign-on", { params: { path, header } }),
    onDone: done,
  });
  const { modal } = App.useApp();
  const sure = (what: string, act: () => void) =>
    void modal.confirm({ icon: null, title: what, content: t("users.sure", { name: user.display_name }), okText: what, onOk: act });
  const { may } = user;
  const names = (codes: readonly string[]) => codes.map((code) => said(label("Role", code))).join(t("common:listSeparator"));
  return (
    <>
      <Facts
        rows={[
          [t("users.state"), <States key="s" row={user} today={today} />],
          [t("users.name"), user.name],
          [t("users.unit"), user.unit && nameOf(user.unit)],
          [t("users.official"), user.official && nameOf(user.official)],
          [t("users.roles"), names(user.roles) || t("common:none")],
          user.suspended_roles.length > 0 && [t("users.has_suspended_roles"), names(user.suspended_roles)],
          user.task_forces.length > 0 && [t("users.taskForces"), user.task_forces.map(nameOf).join(t("common:listSeparator"))],
          [t("users.ways"), ways(user, t).join(t("common:listSeparator")) || t("common:none")],
          user.sign_on_subject && [t("users.signOnSubject"), user.sign_on_subject],
          [t("users.active"), `${user.active_from} — ${user.active_until ?? t("users.open")}`],
        ]}
      />
      {user.changed_since_grant.length > 0 && (
        <Block title={t("users.changed")}>
          <ul className={css.lines}>
            {user.changed_since_grant.map((one) => (
              <li key={one.code + one.changed_at}>
                <span>{said(one)}</span>
                <small>
                  {one.changed_by_name} · {stamp(one.changed_at)}
                </small>
              </li>
            ))}
          </ul>
        </Block>
      )}
      <div className={css.buttons}>
        <ActButton reason={may.edit} onClick={() => setOpen("edit")}>
          {t("common:edit")}
        </ActButton>
        <ActButton reason={may.grant} onClick={() => setOpen("grant")}>
          {t("users.grant")}
        </ActButton>
        <ActButton reason={user.is_locked ? may.unlock : may.lock} loading={lock.isPending} onClick={() => (user.is_locked ? lock.mutate("unlock") : sure(t("users.lock"), () => lock.mutate("lock")))}>
          {t(user.is_locked ? "users.unlock" : "users.lock")}
        </ActButton>
        <ActButton reason={may.reset_password} loading={password.isPending} onClick={() => sure(t("users.reset"), () => password.mutate("reset"))}>
          {t("users.reset")}
        </ActButton>
        {user.waits_for_release && (
          <ActButton reason={may.release_password} onClick={() => password.mutate("release")}>
            {t("users.release")}
          </ActButton>
        )}
        {user.has_second_factor && (
          <ActButton reason={may.remove_second_factor} loading={factor.isPending} onClick={() => sure(t("users.removeFactor"), () => factor.mutate(undefined))}>
            {t("users.removeFactor")}
          </ActButton>
        )}
        {user.sign_on_subject ? (
          <ActButton reason={may.edit} loading={unbind.isPending} onClick={() => sure(t("users.unbind"), () => unbind.mutate(undefined))}>
            {t("users.unbind")}
          </ActButton>
        ) : (
          <ActButton reason={may.edit} onClick={() => setOpen("bind")}>
            {t("users.bind")}
          </ActButton>
        )}
      </div>
      {may.issue_token === null && <UserTokens id={user.id} onAdd={() => setOpen("token")} />}
      {open === "edit" && <EditForm user={user} onClose={() => setOpen(null)} onDone={done} />}
      {open === "grant" && <GrantForm user={user} onClose={() => setOpen(null)} />}
      {open === "bind" && <BindForm user={user} onClose={() => setOpen(null)} />}
      {open === "token" && (
        <TokenForm
          issue={(body) => api.POST("/api/v1/users/{user_id}/tokens", { params: { path }, body })}
          onIssued={(issued) =>
            setSecret({ title: t("tokens:issued", { name: issued.name }), note: t("tokens:issuedNote"), label: t("tokens:secret"), text: issued.secret })
          }
          onClose={() => setOpen(null)}
        />
      )}
      {secret && <SecretDialog title={secret.title} note={secret.note} secrets={[secret]} onClose={() => setSecret(null)} />}
    </>
  );
}

function UserTokens({ id, onAdd }: { id: string; onAdd: () => void }) {
  const { t } = useTranslation("tokens");
  const found = queries.useQuery("get", "/api/v1/users/{user_id}/tokens", { params: { path: { user_id: id } } });
  return (
    <Block
      title={t("mine")}
      extra={
        <Button size="small" onClick={onAdd}>
          {t("add")}
        </Button>
      }
    >
      <QueryView query={found}>
        {({ items }) =>
          items.length ? (
            <TokenLines
              items={items}
              revoke={(token) => api.DELETE("/api/v1/users/{user_id}/tokens/{token_id}", { params: { path: { user_id: id, token_id: token } } })}
            />
          ) : (
            <p className={css.quiet}>{t("empty")}</p>
          )
        }
      </QueryView>
    </Block>
  );
}

type Edited = Schemas["UserCreate"];

function EditForm({ user, onClose, onDone }: { user?: User; onClose: () => void; onDone: (user: Read) => void }) {
  const { t } = useTranslation("admin");
  const { labels } = useMeta();
  const me = useMe();
  const mayGrant = me.permissions.some((one) => one.code === "grant_roles");
  const required = [{ required: true, whitespace: true, message: t("common:required") }];
  return (
    <FormSheet<Edited, Read>
      title={t(user ? "users.edit" : "users.add")}
      draft={`user.${user?.id ?? "new"}`}
      version={user?.version}
      initial={
        user && {
          display_name: user.display_name,
          unit_id: user.unit_id,
          official_id: user.official_id,
          active_from: user.active_from,
          active_until: user.active_until,
        }
      }
      submit={t(user ? "common:save" : "users.add")}
      act={({ name, roles, ...rest }, { header, headers }) =>
        user
          ? api.PATCH("/api/v1/users/{user_id}", {
              params: { path: { user_id: user.id }, header },
              body: { ...rest, active_from: rest.active_from ?? undefined },
            })
          : api.POST("/api/v1/users", { body: { ...rest, name, ...(roles?.length && { roles }) }, headers })
      }
      onDone={onDone}
      onClose={onClose}
    >
      {!user && (
        <Form.Item name="name" label={t("users.name")} rules={required}>
          <Input autoComplete="off" autoFocus maxLength={64} />
        </Form.Item>
      )}
      <Form.Item name="display_name" label={t("users.person")} rules={required}>
        <Input autoComplete="off" />
      </Form.Item>
      <Form.Item name="unit_id" label={t("users.unit")}>
        <UnitSelect />
      </Form.Item>
      <Form.Item name="official_id" label={t("users.official")}>
        <RefSelect kind="official" known={user?.official} style={{ width: "100%" }} />
      </Form.Item>
      {!user && mayGrant && (
        <Form.Item name="roles" label={t("users.roles")}>
          <Select mode="multiple" options={labels("Role").map((one) => ({ value: one.code, label: said(one) }))} />
        </Form.Item>
      )}
      <Form.Item name="active_from" label={t("users.activeFrom")}>
        <DayField />
      </Form.Item>
      <Form.Item name="active_until" label={t("users.activeUntil")}>
        <DayField allowClear />
      </Form.Item>
    </FormSheet>
  );
}

function GrantForm({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const done = useSayDone();
  const table = queries.useQuery("get", "/api/v1/roles", {}, { staleTime: Infinity });
  const forces = queries.useQuery("get", "/api/v1/task-forces", { params: { query: { limit: 200 } } });
  return (
    <FormSheet<Schemas["RolesGrant"], Read>
      title={t("users.grant")}
      note={t("users.grantNote")}
      version={user.version}
      initial={{ roles: [...user.roles, ...user.suspended_roles], task_force_ids: user.task_force_ids }}
      submit={t("users.grant")}
      act={(body, { header }) => api.PUT("/api/v1/users/{user_id}/roles", { params: { path: { user_id: user.id }, header }, body })}
      onDone={done}
      onClose={onClose}
    >
      <Form.Item name="roles" label={t("users.roles")}>
        <Checkbox.Group
          className={css.stack}
          options={(table.data?.items ?? []).map((role) => ({
            value: role.code,
            label: (
              <>
                {said(role)} <small className={css.quiet}>{said(role.reach)}</small>
              </>
            ),
          }))}
        />
      </Form.Item>
      <Form.Item name="task_force_ids" label={t("users.taskForces")}>
        <Select mode="multiple" options={(forces.data?.items ?? []).map((one) => ({ value: one.id, label: nameOf(one) }))} showSearch={{ optionFilterProp: "label" }} />
      </Form.Item>
    </FormSheet>
  );
}

function BindForm({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const done = useSayDone();
  const arrivals = queries.useQuery("get", "/api/v1/sign-on/arrivals");
  return (
    <FormSheet<{ subject: string }, Read>
      isShort
      title={t("users.bind")}
      note={t("users.bindNote")}
      version={user.version}
      submit={t("users.bind")}
      act={(body, { header }) => api.PUT("/api/v1/users/{user_id}/sign-on", { params: { path: { user_id: user.id }, header }, body })}
      onDone={done}
      onClose={onClose}
    >
      <Form.Item name="subject" label={t("users.signOnSubject")} rules={[{ required: true, message: t("common:required") }]}>
        <AutoComplete
          options={(arrivals.data?.items ?? []).map((one) => ({
            value: one.subject,
            label: `${one.name ?? one.user_name ?? one.subject} · ${stamp(one.last_at)}`,
          }))}
        />
      </Form.Item>
    </FormSheet>
  );
}
