import { Button } from "antd";
import { CalendarDays, CircleAlert, PenLine, Sparkles, Sun } from "lucide-react";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { openFollowUp } from "@/app/followUp";
import { useKeys } from "@/app/keys";
import { useIsPhone } from "@/app/phone";
import { usePageSearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMe, useToday } from "@/app/who";
import { useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { shortDay, weekday } from "@/shared/days";
import { Empty, QueryView, Skeleton } from "@/shared/StateView";
import { COUNTERS, type Task, type Tasks, urgencyOf, useTasks } from "../api";
import { Recent, ThisQuarter, TwoWeeks } from "../components/Aside";
import { HERE, TaskAct } from "../components/TaskAct";
import { type ActOf, pageOfTask, TaskLine } from "../components/TaskLine";
import css from "./workbench.module.css";

/** Returns by what the tasks are mine, which the API decides in the same order. */
function whoseOf({ official_id, unit }: ReturnType<typeof useMe>): "official" | "unit" | "taskForces" {
  return official_id ? "official" : unit ? "unit" : "taskForces";
}

export function WorkbenchPage() {
  const { t } = useTranslation("workbench");
  const me = useMe();
  const today = useToday();
  const isPhone = useIsPhone();
  const navigate = useNavigate();
  const [search, change] = usePageSearch();
  const tasks = useTasks(search.kind);
  const [open, setOpen] = useState<{ task: Task; act: ActOf } | null>(null);
  const mayWrite = me.permissions.some((permission) => permission.code === "write");
  const mayRegister = mayWrite && me.pages.includes("leads");

  const keys = useMemo(
    () => [
      ...(mayRegister ? [{ key: "L", does: t("register"), run: () => void navigate({ to: "/leads", search: { new: "1" } as never }) }] : []),
      ...(mayWrite ? [{ key: "F", does: t("followUp"), run: () => openFollowUp() }] : []),
    ],
    [mayRegister, mayWrite, navigate, t],
  );
  useKeys(keys);

  function onAct(task: Task, act: ActOf) {
    if (act.operation === "add_follow_up" && task.subject.type === "project") openFollowUp(task.subject.id);
    else if (HERE.has(act.operation)) setOpen({ task, act });
    else {
      const [to = "/", query = ""] = pageOfTask(task).split("?");
      void navigate({ to, search: Object.fromEntries(new URLSearchParams(query)) as never });
    }
  }

  const counts = tasks.data?.counts;
  return (
    <>
      <Title text={t("common:pages.workbench")} />
      <header className={css.head}>
        <div>
          <h2>{t("date", { month: Number(today.slice(5, 7)), day: Number(today.slice(8)), weekday: t(`weekdays.${weekday(today)}`) })}</h2>
          {counts && <p>{t("summary", { whose: t(`whose.${whoseOf(me)}`), past: counts.past_due, today: counts.today, soon: counts.soon })}</p>}
        </div>
        {!isPhone && (
          <div className={css.buttons}>
            {mayRegister && (
              <Button icon={<Sparkles size={15} strokeWidth={1.75} />} onClick={() => void navigate({ to: "/leads", search: { new: "1" } as never })}>
                {t("register")} <kbd>L</kbd>
              </Button>
            )}
            {mayWrite && (
              <Button type="primary" icon={<PenLine size={15} strokeWidth={1.75} />} onClick={() => openFollowUp()}>
                {t("followUp")} <kbd>F</kbd>
              </Button>
            )}
          </div>
        )}
      </header>
      <QueryView query={tasks} skeleton={<Skeleton rows={10} columns={3} />}>
        {(data) => (
          <>
            <Counters counts={data.counts} kind={search.kind ?? ""} onChoose={(kind) => change({ kind: kind || null })} />
            <div className={css.columns}>
              <Queue key={search.kind} data={data} kind={search.kind ?? ""} onAct={onAct} />
              <aside className={css.aside}>
                {data.agenda && <TwoWeeks agenda={data.agenda} />}
                <Recent />
                {data.quarter && <ThisQuarter quarter={data.quarter} />}
              </aside>
            </div>
          </>
        )}
      </QueryView>
      {open && <TaskAct {...open} onClose={() => setOpen(null)} />}
    </>
  );
}

function Counters({ counts, kind, onChoose }: { counts: Tasks["counts"]; kind: string; onChoose: (kind: string) => void }) {
  const { t } = useTranslation("workbench");
  return (
    <div className={css.counters} role="group" aria-label={t("counters.title")}>
      {COUNTERS.map((one) => {
        const urgency = urgencyOf(counts, one.kinds);
        const value = one.kinds.join();
        const now = urgency.past_due + urgency.today;
        const parts = SEVERITIES.filter((group) => urgency[group.count] > 0).map((group) => t(`counters.part.${group.key}`, { count: urgency[group.count] }));
        if (one.isOptional && !urgency.all) return null;
        return (
          <button key={one.key} type="button" aria-pressed={kind === value} className={kind === value ? css.chosen : ""} onClick={() => onChoose(value)}>
            <span>
              {t(`counters.${one.key}`)}
              <small>{parts.join(" · ") || t(`counters.${one.key}Note`)}</small>
            </span>
            <b className={urgency.past_due ? css.urgent : now ? undefined : css.none} title={t("counters.now")}>
              {now}
            </b>
          </button>
        );
      })}
    </div>
  );
}

const SEVERITIES = [
  { key: "overdue", count: "past_due", icon: CircleAlert, shown: 8 },
  { key: "today", count: "today", icon: Sun, shown: 8 },
  { key: "soon", count: "soon", icon: CalendarDays, shown: 6 },
] as const;

function Queue({ data, kind, onAct }: { data: Tasks; kind: string; onAct: (task: Task, act: ActOf) => void }) {
  const { t } = useTranslation("workbench");
  const today = useToday();
  const [whole, setWhole] = useState<ReadonlySet<string>>(new Set());
  const urgency = urgencyOf(data.counts, kind ? kind.split(",") : []);
  const next = data.agenda?.items[0];
  if (!data.items.length) {
    return (
      <Card>
        <Empty
          title={t("empty")}
          text={next?.due_on ? t("emptyNext", { day: shortDay(next.due_on, today), what: next.subject.name }) : t("emptyText")}
        />
      </Card>
    );
  }
  return (
    <Card isBare>
      {SEVERITIES.map((group) => {
        const tasks = data.items.filter((task) => task.severity === group.key);
        if (!tasks.length) return null;
        const shown = whole.has(group.key) ? tasks : tasks.slice(0, group.shown);
        return (
          <section key={group.key}>
            <h3 className={`${css.group} ${css[group.key]}`}>
              <group.icon size={14} strokeWidth={1.75} aria-hidden="true" />
              {t(`groups.${group.key}`)} <span>{urgency[group.count]}</span>
            </h3>
            <ul>
              {shown.map((task) => (
                <TaskLine key={`${task.kind}${task.id}`} task={task} onAct={onAct} />
              ))}
            </ul>
            {shown.length < tasks.length && (
              <button type="button" className={css.more} onClick={() => setWhole(new Set([...whole, group.key]))}>
                {t("more", { count: tasks.length - shown.length })}
              </button>
            )}
          </section>
        );
      })}
      {data.next_cursor && <p className={css.rest}>{t("capped", { count: data.items.length })}</p>}
    </Card>
  );
}
