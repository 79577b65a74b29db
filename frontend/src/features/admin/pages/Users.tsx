import { Button, Select } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api, type Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMe, useMeta, useToday } from "@/app/who";
import { nameOf, said, useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import type { Column } from "@/shared/DataTable";
import { QuickSearch } from "@/shared/filters/QuickSearch";
import { usePages } from "@/shared/usePages";
import { Bar, EnumFilter, Lines, List } from "../parts";
import css from "../admin.module.css";
import { EditForm } from "./users/forms";
import { States, ways } from "./users/States";
import { UserSheet } from "./users/UserSheet";

type Row = Schemas["UserRow"];
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
