import { AutoComplete, Checkbox, Form, Input, Select } from "antd";
import { api, queries, type Schemas } from "@/api/client";
import { useMe, useMeta } from "@/app/who";
import { nameOf, said, useTranslation } from "@/i18n";
import { DayField } from "@/shared/DayField";
import { stamp } from "@/shared/days";
import { FormSheet } from "@/shared/FormSheet";
import { UnitSelect } from "@/shared/forms/choosers";
import { RefSelect } from "@/shared/RefSelect";
import { useSayDone } from "../../parts";
import css from "../../admin.module.css";

type User = Schemas["UserWithRights"];
type Read = Schemas["UserRead"];
type Edited = Schemas["UserCreate"];

export function EditForm({ user, onClose, onDone }: { user?: User; onClose: () => void; onDone: (user: Read) => void }) {
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

export function GrantForm({ user, onClose }: { user: User; onClose: () => void }) {
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

export function BindForm({ user, onClose }: { user: User; onClose: () => void }) {
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
