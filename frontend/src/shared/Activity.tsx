/** What happened to a record, newest first, in words of the service: days as headings, a filter by kind, links to the
 * records that are named. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import {
  ArrowRight,
  Banknote,
  CornerDownRight,
  FilePenLine,
  FileText,
  type LucideIcon,
  MessageSquareText,
  PencilLine,
  Route,
  UserCheck,
} from "lucide-react";
import { Fragment, type ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { usePageSearch } from "@/app/search";
import { useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { type ActivityRecord, itemOfEvent, readActivity, readEvents } from "./activities";
import { Card } from "./Card";
import { dayOf, moment, shortDay } from "./days";
import { pageOfRecord } from "./records";
import { QueryView, Skeleton } from "./StateView";
import { To } from "./To";
import css from "./activity.module.css";

type Item = Schemas["ActivityItem"];
type Kind = Schemas["ActivityKind"];

const ICONS: Record<Kind, LucideIcon> = {
  follow_up: MessageSquareText,
  stage: ArrowRight,
  field: PencilLine,
  deal: FilePenLine,
  evidence: FileText,
  people: UserCheck,
  plan: Route,
  amount: Banknote,
};
const PAGE = 30;

interface Props {
  /** Which kind of record; `taskForce`, `unit` and `referrer` have events without sentences of their own. */
  of: ActivityRecord;
  id: string;
  title?: ReactNode;
  /** Above the filter: the form that adds a follow-up. */
  top?: ReactNode;
  /** Takes the act of an entry back, where the service says that it may be. */
  onUndo?: (item: Item) => void;
  /** Without the card around it, for drawers and sheets. */
  isBare?: boolean;
}

export function Activity({ of, id, title, top, onUndo, isBare }: Props) {
  const { t } = useTranslation("activity");
  const { meta, label } = useMeta();
  const [search, setSearch] = usePageSearch();
  const kind = search.activity as Kind | undefined;
  const query = useInfiniteQuery({
    queryKey: ["activity", of, id, kind ?? ""],
    initialPageParam: "",
    queryFn: async ({ pageParam }) => {
      const asked = { limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      if (of === "taskForce" || of === "unit" || of === "referrer") {
        const page = await readEvents(of, id, asked);
        return { ...page, items: page.items.map((event) => itemOfEvent(event, meta)), kinds: null };
      }
      return readActivity(of, id, { ...asked, ...(kind && { kind }), ...(!pageParam && { with: "kinds" }) });
    },
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (previous) => previous,
  });
  const kinds = Object.entries(query.data?.pages[0]?.kinds ?? {}).filter(([, count]) => count > 0) as [Kind, number][];
  const options = [
    { value: "", label: t("all") },
    ...kinds.map(([code, count]) => ({ value: code, label: `${said(label("ActivityKind", code))} ${count}` })),
  ];

  const content = (
    <>
      {top && <div className={css.top}>{top}</div>}
      {(kinds.length > 1 || kind) && (
        <div className={css.filter}>
          <Segmented
            size="small"
            aria-label={t("filter")}
            value={kind ?? ""}
            options={options}
            onChange={(value) => setSearch({ activity: value })}
          />
        </div>
      )}
      <QueryView query={query} skeleton={<Skeleton rows={5} columns={1} />}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items as Item[]);
          return items.length ? <Days items={items} onUndo={onUndo} /> : <p className={css.none}>{t("none")}</p>;
        }}
      </QueryView>
      {query.hasNextPage && (
        <Button block size="small" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t("earlier")}
        </Button>
      )}
    </>
  );
  return isBare ? <div>{content}</div> : <Card title={title ?? t("title")}>{content}</Card>;
}

function Days({ items, onUndo }: { items: readonly Item[]; onUndo?: (item: Item) => void }) {
  const { t } = useTranslation("activity");
  const today = useToday();
  return (
    <ol className={css.list}>
      {items.map((item, index) => {
        const day = dayOf(item.at);
        const before = index > 0 ? dayOf(items[index - 1]!.at) : null;
        return (
          <Fragment key={item.id}>
            {day !== before && (
              <li className={css.day}>{day === today ? t("today", { day: day.slice(5) }) : shortDay(day, today)}</li>
            )}
            <Entry item={item} day={day} onUndo={onUndo} />
          </Fragment>
        );
      })}
    </ol>
  );
}

function Entry({ item, day, onUndo }: { item: Item; day: string; onUndo?: (item: Item) => void }) {
  const { t } = useTranslation("activity");
  const today = useToday();
  const Icon = ICONS[item.kind];
  // A moment without an hour of its own was written by an import.
  const when = day === today ? t("today", { day: moment(item.at, today) }) : null;
  return (
    <li className={css.entry}>
      <span className={`${css.icon} ${css[item.kind] ?? ""}`} title={item.at.slice(0, 10)}>
        <Icon size={12} strokeWidth={1.75} aria-hidden="true" />
      </span>
      <div className={css.text}>
        <p className={css.what}>
          <Sentence item={item} />
        </p>
        {item.body && <p className={css.body}>{said(item.body)}</p>}
        {item.kind === "field" && item.changes.length > 0 && (
          <dl className={css.changes}>
            {item.changes.map((change) => (
              <div key={change.field}>
                <dt>{said(change)}</dt>
                <dd>
                  {said(change.from_text) || t("nothing")} <span aria-label={t("became")}>→</span>{" "}
                  <b>{said(change.to_text) || t("nothing")}</b>
                </dd>
              </div>
            ))}
          </dl>
        )}
        {item.next_step && (
          <p className={css.next}>
            <CornerDownRight size={13} strokeWidth={1.75} aria-hidden="true" />
            {t("next", { what: item.next_step })}
            {item.next_step_on && ` · ${shortDay(item.next_step_on, today)}`}
          </p>
        )}
        <p className={css.who}>
          {[item.actor?.name ?? t("withheld"), when, item.on && item.on !== day && t("about", { day: shortDay(item.on, today) })]
            .filter(Boolean)
            .join(" · ")}
          {onUndo && item.may?.includes("undo") && (
            <Button type="link" size="small" className={css.undo} onClick={() => onUndo(item)}>
              {t("undo")}
            </Button>
          )}
        </p>
      </div>
    </li>
  );
}

/** The sentence, with the records it names as links. */
function Sentence({ item }: { item: Item }) {
  let parts: ReactNode[] = [said(item)];
  item.refs.forEach((ref) => {
    const href = pageOfRecord(ref.type, ref.id);
    if (!href) return;
    for (const name of [ref.name_en, ref.name]) {
      if (!name) continue;
      const at = parts.findIndex((part) => typeof part === "string" && part.includes(name));
      if (at < 0) continue;
      const [before, after] = cut(parts[at] as string, name);
      parts = [...parts.slice(0, at), before, <To key={ref.id} href={href}>{name}</To>, after, ...parts.slice(at + 1)];
      return;
    }
  });
  return parts.map((part, index) => <Fragment key={index}>{part}</Fragment>);
}

function cut(text: string, name: string): [string, string] {
  const at = text.indexOf(name);
  return [text.slice(0, at), text.slice(at + name.length)];
}
