import { App, Button } from "antd";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { useMeta, useToday } from "@/app/who";
import { nameOf, said, useTranslation } from "@/i18n";
import { stamp } from "@/shared/days";
import { SecretDialog } from "@/shared/SecretDialog";
import { Sheet } from "@/shared/Sheet";
import { QueryView } from "@/shared/StateView";
import { TokenForm, TokenLines } from "@/shared/tokens/Tokens";
import { useAct } from "@/shared/useAct";
import { ActButton, Block, Facts, useSayDone } from "../../parts";
import css from "../../admin.module.css";
import { BindForm, EditForm, GrantForm } from "./forms";
import { States, ways } from "./States";

type User = Schemas["UserWithRights"];
type Read = Schemas["UserRead"];

type Open = "edit" | "grant" | "bind" | "token" | null;

/** One account with every act on it. */
export function UserSheet({ id, onClose }: { id: string; onClose: () => void }) {
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
          <ActButton reason={may.unbind_sign_on} loading={unbind.isPending} onClick={() => sure(t("users.unbind"), () => unbind.mutate(undefined))}>
            {t("users.unbind")}
          </ActButton>
        ) : (
          <ActButton reason={may.bind_sign_on} onClick={() => setOpen("bind")}>
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
