/** One line of the queue: what, why now, and the act that clears it. */
import { Button } from "antd";
import { FilePenLine, Hourglass, Inbox, type LucideIcon, MessageSquareText, Milestone, Sparkles, UserRoundX } from "lucide-react";
import { Fragment } from "react";
import { useMeta, useToday } from "@/app/who";
import { said, shortNameOf, useTranslation } from "@/i18n";
import { countText } from "@/shared/counts";
import { shortDay, weekday } from "@/shared/days";
import { Money } from "@/shared/Money";
import { plainName, RecordName } from "@/shared/RecordName";
import { To } from "@/shared/To";
import type { Task, TaskKind } from "../api";
import css from "./tasks.module.css";

const ICONS: Record<TaskKind, LucideIcon> = {
  overdue: Hourglass,
  idle_limit: Hourglass,
  stage_limit: Hourglass,
  answer: Sparkles,
  assess: Sparkles,
  milestone: Milestone,
  next_step: MessageSquareText,
  approval: FilePenLine,
  returned: FilePenLine,
  five_ones: UserRoundX,
  inbox: Inbox,
};

/** Returns the page of the record that a task is about. */
export function pageOfTask(task: Task): string {
  const { type, id } = task.subject;
  if (type === "lead") return `/leads/${id}`;
  if (type === "deal") return `/deals?open=${id}`;
  if (type === "inbox_message") return `/admin/inbox?open=${id}`;
  return `/projects/${id}`;
}

export type ActOf = Task["others"][number];

export function TaskLine({ task, onAct }: { task: Task; onAct: (task: Task, act: ActOf) => void }) {
  const { t } = useTranslation("workbench");
  const Icon = ICONS[task.kind];
  return (
    <li className={css.line}>
      <span className={`${css.icon} ${css[task.severity]}`} aria-hidden="true">
        <Icon size={16} strokeWidth={1.75} />
      </span>
      <div className={css.what}>
        <To href={pageOfTask(task)} className={`${css.name} thumb`}>
          <RecordName of={task.subject} illustrative={task.subject.is_illustrative} />
          <Detail task={task} />
        </To>
        <small>
          <About task={task} />
        </small>
      </div>
      <Why task={task} />
      <div className={css.acts}>
        {task.act ? (
          <Button onClick={() => onAct(task, task.act!)}>{said(task.act)}</Button>
        ) : (
          <To href={pageOfTask(task)} className={css.look}>
            {t("common:view")}
          </To>
        )}
        {task.others.map((act) => (
          <Button key={act.operation} className={css.other} onClick={() => onAct(task, act)}>
            {said(act)}
          </Button>
        ))}
      </div>
    </li>
  );
}

/** What of the record the task is about. */
function Detail({ task }: { task: Task }) {
  if (task.milestone) return <span> {task.milestone.name}</span>;
  if (task.next_step) return <span> {plainName(task.next_step)}</span>;
  if (task.draft && task.amount) {
    return (
      <span>
        {" "}
        <Money yuan={task.amount} />
      </span>
    );
  }
  return null;
}

function About({ task }: { task: Task }) {
  const { t } = useTranslation("workbench");
  const { stage, label } = useMeta();
  const today = useToday();
  const found = task.subject.stage ? stage(task.subject.stage) : undefined;
  const follow = task.last_follow_up;
  const unit = task.unit && plainName(shortNameOf(task.unit));
  const parts: (string | null | undefined)[] = task.milestone
    ? [t("plan", { number: task.milestone.plan_number }), t("planned", { day: shortDay(task.milestone.planned_on, today) }), unit]
    : task.draft
      ? [
          said(label("DealKind", task.draft.kind)),
          task.draft.agreement_no && plainName(task.draft.agreement_no),
          task.draft.gates_missing.length > 0 && t("missing", { what: task.draft.gates_missing.map(said).join(t("common:listSeparator")) }),
          task.draft.return_reason,
        ].map((one) => one || null)
      : [
          task.subject.type === "lead" ? `${t("lead")} ${task.subject.code}` : found && said({ zh: found.name_zh, en: found.name_en }),
          unit,
          task.channel && said(label("Channel", task.channel)),
          follow && t(follow.with_investor ? "lastWith" : "last", { day: shortDay(follow.on, today) }),
        ];
  const shown = parts.filter(Boolean);
  return (
    <>
      {shown.map((part, index) => (
        <Fragment key={index}>
          {index > 0 && " · "}
          <span>{part}</span>
        </Fragment>
      ))}
    </>
  );
}

function Why({ task }: { task: Task }) {
  const { t } = useTranslation("workbench");
  const { label } = useMeta();
  const today = useToday();
  const { left, limit } = task;
  if (!left) return <div className={css.why}>{said(task)}</div>;
  const unit = t(`common:unit.${left.unit}`, { count: Math.abs(left.amount) });
  const count = countText(Math.abs(left.amount));
  const first =
    left.amount < 0
      ? t("over", { count, unit })
      : left.amount === 0
        ? t("dueToday")
        : task.due_on
          ? `${t(`weekdays.${weekday(task.due_on)}`)} ${shortDay(task.due_on, today)}`
          : t("left", { count, unit });
  const rule =
    limit?.amount && limit.unit
      ? t(limit.kind === "idle" ? "limitIdle" : "limit", { count: limit.amount, unit: t(`common:unit.${limit.unit}`, { count: limit.amount }) })
      : said(label("TaskKind", task.kind));
  return (
    <div className={css.why} title={said(task)}>
      <b className={css[`${task.severity}Text`]}>{first}</b>
      <small>{left.amount > 0 ? t("left", { count, unit }) : rule}</small>
    </div>
  );
}
