/** Saved views as tabs with counts: those of the page, one's own, and those others share. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { App, Dropdown, Form, Input, Modal, Radio } from "antd";
import { ChevronDown, Plus, User, UsersRound } from "lucide-react";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { fieldErrors } from "@/api/problems";
import type { Search } from "@/app/search";
import { useMe, useMeta } from "@/app/who";
import { countText } from "@/shared/counts";
import { release } from "@/shared/forms/refusals";
import { useAct } from "@/shared/useAct";
import { said, useTranslation } from "@/i18n";
import { isSame } from "./fields";
import css from "./filters.module.css";

type View = Schemas["ViewRead"];
type Column = Schemas["ViewColumn"];
export type TabRoom = "projects" | "leads" | "deals" | "gaps";

/** A tab that the page itself offers. */
export interface Preset {
  key: string;
  title: string;
  query: Search;
}

interface Props {
  room: TabRoom;
  presets: readonly Preset[];
  /** The id of the view in the address. */
  viewId: string | undefined;
  /** The conditions in force, with the sort where the address has one. */
  conditions: Search;
  /** The columns and the look to save with a view. */
  columns: () => Column[];
  layout: Schemas["Layout"];
  onOpen: (query: Search, view: View | null) => void;
  onSaved?: (view: View) => void;
  /** Counts are asked for once this holds: the rows come first. */
  isReady?: boolean;
}

const LISTS = { projects: "/api/v1/projects", leads: "/api/v1/leads", deals: "/api/v1/deals", gaps: "/api/v1/five-ones/gaps" } as const;

export function useViews(room: Schemas["ViewRoom"]) {
  return useQuery({ ...queries.queryOptions("get", "/api/v1/views", { params: { query: { room } } }), staleTime: 60_000 });
}

function usePresetCounts(room: TabRoom, presets: readonly Preset[], isReady: boolean) {
  return useQueries({
    queries: presets.map((preset) => ({
      queryKey: ["preset", room, preset.query],
      queryFn: async () => {
        const query = { ...preset.query, limit: 1, with: "count" };
        return (await api.GET(LISTS[room] as "/api/v1/projects", { params: { query: query as never } })).data!.count ?? null;
      },
      staleTime: 60_000,
      enabled: isReady,
    })),
  });
}

export function ViewTabs({ room, presets, viewId, conditions, columns, layout, onOpen, onSaved, isReady = true }: Props) {
  const { t } = useTranslation("filters");
  const { modal } = App.useApp();
  const views = useViews(room);
  const counts = useQuery({ ...queries.queryOptions("get", "/api/v1/views/counts", { params: { query: { room } } }), staleTime: 60_000 });
  const presetCounts = usePresetCounts(room, presets, isReady);
  const [form, setForm] = useState<{ view: View | null } | null>(null);
  const current = views.data?.find((view) => view.id === viewId);
  const preset = current ? undefined : presets.find((one) => isSame(one.query, conditions));
  const isChanged = Boolean(current && !isSame(current.query, conditions));

  const change = useAct({
    act: (view: View, sent) =>
      api.PATCH("/api/v1/views/{view_id}", {
        params: { path: { view_id: view.id }, header: sent.header },
        body: { query: conditions, columns: columns(), layout },
      }),
    version: (view) => view.version,
    onDone: (view) => onSaved?.(view),
  });
  const remove = useAct({
    act: (view: View, sent) => api.DELETE("/api/v1/views/{view_id}", { params: { path: { view_id: view.id }, header: sent.header } }),
    version: (view) => view.version,
    onDone: () => onOpen(conditions, null),
  });

  async function askRemove(view: View) {
    const isSure = await modal.confirm({
      title: t("views.removeTitle", { name: view.name }),
      content: view.shared === "none" ? t("views.removeMine") : t("views.removeShared"),
      okText: t("views.remove"),
      okButtonProps: { danger: true },
    });
    if (isSure) remove.mutate(view);
  }

  const menu = (view: View) => ({
    items: [
      ...(view.may_edit
        ? [
            { key: "keep", label: t("views.keep"), onClick: () => change.mutate(view) },
            { key: "edit", label: t("views.edit"), onClick: () => setForm({ view }) },
          ]
        : []),
      { key: "add", label: t("views.saveAs"), onClick: () => setForm({ view: null }) },
      ...(isChanged ? [{ key: "reset", label: t("views.reset"), onClick: () => onOpen(view.query, view) }] : []),
      ...(view.may_edit
        ? [{ type: "divider" as const }, { key: "remove", danger: true, label: t("views.remove"), onClick: () => void askRemove(view) }]
        : []),
    ],
  });

  return (
    <nav className={css.tabs} aria-label={t("views.title")}>
      {presets.map((one, index) => (
        <button
          key={one.key}
          type="button"
          className={`${css.tab} ${one === preset ? css.current : ""}`}
          aria-current={one === preset ? "page" : undefined}
          onClick={() => onOpen(one.query, null)}
        >
          {one.title}
          <b>{countText(presetCounts[index]?.data)}</b>
        </button>
      ))}
      {views.data?.map((view) => {
        const isHere = view === current;
        const Icon = view.shared === "none" ? User : UsersRound;
        const who = view.is_mine ? t("views.mine") : (view.owner ?? "");
        return (
          <span key={view.id} style={{ display: "inline-flex" }}>
            <button
              type="button"
              className={`${css.tab} ${isHere ? css.current : ""}`}
              aria-current={isHere ? "page" : undefined}
              title={[who, ...view.notices.map(said)].filter(Boolean).join(" · ")}
              onClick={() => onOpen(view.query, view)}
            >
              <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
              {view.name}
              <b>{countText(counts.data?.counts[view.id])}</b>
              {isHere && isChanged && <i className={css.changed} role="img" aria-label={t("views.changed")} title={t("views.changed")} />}
            </button>
            {isHere && (
              <Dropdown menu={menu(view)} trigger={["click"]}>
                <button type="button" className={css.tabMenu} aria-label={t("views.menu", { name: view.name })}>
                  <ChevronDown size={15} strokeWidth={1.75} aria-hidden="true" />
                </button>
              </Dropdown>
            )}
          </span>
        );
      })}
      {!preset && (!current || isChanged) && (
        <>
          <span className={css.divider} aria-hidden="true" />
          {isChanged && current?.may_edit ? (
            <button type="button" className={css.add} onClick={() => change.mutate(current)}>
              {t("views.keep")}
            </button>
          ) : (
            <button type="button" className={css.add} onClick={() => setForm({ view: null })}>
              <Plus size={15} strokeWidth={1.75} aria-hidden="true" />
              {t("views.save")}
            </button>
          )}
        </>
      )}
      {form && (
        <ViewForm
          room={room}
          view={form.view}
          body={{ query: conditions, columns: columns(), layout }}
          onClose={() => setForm(null)}
          onDone={(view) => {
            setForm(null);
            onSaved?.(view);
            onOpen(view.query, view);
          }}
        />
      )}
    </nav>
  );
}

interface FormProps {
  room: TabRoom;
  /** The view to rename or share; null to save what is shown as a new one. */
  view: View | null;
  body: { query: Search; columns: Column[]; layout: Schemas["Layout"] };
  onClose: () => void;
  onDone: (view: View) => void;
}

/** Names what is shown and says who else sees it. */
export function ViewForm({ room, view, body, onClose, onDone }: FormProps) {
  const { t } = useTranslation("filters");
  const me = useMe();
  const { labels } = useMeta();
  const [form] = Form.useForm<{ name: string; shared: Schemas["Shared"] }>();
  const mayShare = me.permissions.some((permission) => permission.code === "share_views");
  const scopes = labels("Shared").filter((one) => one.code !== "everyone" || mayShare || view?.shared === "everyone");
  const act = useAct({
    act: async (values: { name: string; shared: Schemas["Shared"] }, sent) =>
      view
        ? api.PATCH("/api/v1/views/{view_id}", { params: { path: { view_id: view.id }, header: sent.header }, body: values })
        : api.POST("/api/v1/views", { body: { room, ...values, ...body }, headers: sent.headers }),
    version: () => view?.version ?? 0,
    onDone: (saved) => onDone(saved),
    onRefused: (problem) => {
      const errors = Object.entries(fieldErrors(problem)).filter(([name]) => name === "name" || name === "shared");
      form.setFields(errors.map(([name, error]) => ({ name: name as "name", errors: [error] })));
      return errors.length > 0;
    },
  });
  return (
    <Modal
      open
      title={view ? t("views.edit") : t("views.save")}
      okText={t("common:save")}
      onCancel={onClose}
      onOk={() => form.submit()}
      confirmLoading={act.isPending}
      width={420}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{ name: view?.name ?? "", shared: view?.shared ?? "none" }}
        onValuesChange={(changed) => release(form, changed)}
        onFinish={(values) => act.mutate(values)}
      >
        <Form.Item name="name" label={t("views.name")} rules={[{ required: true, whitespace: true, message: t("common:required") }]}>
          <Input autoFocus maxLength={200} placeholder={t("views.namePlaceholder")} />
        </Form.Item>
        <Form.Item name="shared" label={t("views.shared")} extra={t("views.sharedHint")}>
          <Radio.Group options={scopes.map((one) => ({ value: one.code, label: said(one) }))} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
