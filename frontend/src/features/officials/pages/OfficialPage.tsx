import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Button } from "antd";
import { CircleAlert, Pencil, Plus } from "lucide-react";
import { useState } from "react";
import type { Schemas } from "@/api/client";
import { stringifySearch } from "@/app/search";
import { Title } from "@/app/shell/title";
import { useMeta, useToday } from "@/app/who";
import { nameOf, said, shortNameOf, useTranslation } from "@/i18n";
import { Activity } from "@/shared/Activity";
import { Card } from "@/shared/Card";
import { countText } from "@/shared/counts";
import { shortDay } from "@/shared/days";
import { plainName, RecordName } from "@/shared/RecordName";
import { Columns, Figure, MiniTable, Nothing, RecordHead, Tag, useEditKey } from "@/shared/RecordPage";
import { useMarkSeen } from "@/shared/seen";
import { StageTag } from "@/shared/StageTag";
import { QueryView, Skeleton } from "@/shared/StateView";
import { To } from "@/shared/To";
import { Unmask } from "@/shared/Unmask";
import { usePages } from "@/shared/usePages";
import { countOptions, gapCountOptions, ledOf, type Official, officialOptions, overdueOf, type Post, readProjectsOf } from "../api";
import { OfficialForm, PostEndForm, PostForm } from "../components/OfficialForm";
import css from "../officials.module.css";

export function OfficialPage() {
  const { officialId } = useParams({ strict: false }) as { officialId: string };
  const { t } = useTranslation("officials");
  const query = useQuery(officialOptions(officialId));
  const name = query.data ? plainName(nameOf(query.data)) : t("common:pages.officials");
  useMarkSeen(query.data ? { type: "official", id: query.data.id, code: null, name: query.data.name } : null);
  return (
    <>
      <Title text={name}>
        <To href="/officials">{t("common:pages.officials")}</To>
        <h1>{name}</h1>
      </Title>
      <QueryView query={query} skeleton={<Skeleton rows={10} columns={3} />}>
        {(official) => <Page key={official.id} official={official} />}
      </QueryView>
    </>
  );
}

function Page({ official }: { official: Official }) {
  const { t } = useTranslation("officials");
  const today = useToday();
  const [form, setForm] = useState<"edit" | "post" | null>(null);
  const [ending, setEnding] = useState<Post | null>(null);
  const led = useQuery(countOptions(ledOf(official.id)));
  const overdue = useQuery(countOptions(overdueOf(official.id)));
  const gaps = useQuery(gapCountOptions(official.id));
  const may = (act: string) => act in official.may && official.may[act] === null;
  useEditKey(may("edit") ? () => setForm("edit") : null);
  const isNow = (post: Post) => !post.ended_on || post.ended_on > today;
  const now = official.posts.filter(isNow);
  const counted = (count: Schemas["Count"] | null | undefined) => (
    <>
      {count ? countText(count) : "…"} <small>{t("common:unit.project", { count: count?.value })}</small>
    </>
  );
  return (
    <>
      <RecordHead
        name={<RecordName of={official} illustrative={official.is_illustrative} />}
        figures={
          <>
            <Figure caption={t("ledNow")} href={`/projects${stringifySearch(ledOf(official.id))}`}>
              {counted(led.data?.count)}
            </Figure>
            <Figure caption={t("overdue")} href={`/projects${stringifySearch(overdueOf(official.id))}`} tone={overdue.data?.count?.value ? "danger" : undefined}>
              {counted(overdue.data?.count)}
            </Figure>
            <Figure caption={t("gaps")} href={`/gaps?leader_id=${official.id}`} tone={gaps.data?.count?.value ? "warn" : undefined}>
              {counted(gaps.data?.count)}
            </Figure>
          </>
        }
        acts={
          may("edit") && (
            <Button icon={<Pencil size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setForm("edit")}>
              {t("common:edit")}
            </Button>
          )
        }
      >
        {now.length ? now.map((post) => <span key={post.id}>{`${post.unit_name} ${post.title}`}</span>) : <Tag tone="warn">{t("noPost")}</Tag>}
        <span className="tabular">{official.phone_masked ?? t("noPhone")}</span>
        {may("unmask") && official.phone_masked && <Unmask of="official" id={official.id} name={plainName(official.name)} />}
      </RecordHead>
      <Columns side={<Activity of="official" id={official.id} />}>
        <Projects official={official} />
        <Card
          title={t("posts")}
          extra={
            may("add_post") && (
              <Button type="link" size="small" icon={<Plus size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setForm("post")}>
                {t("addPost")}
              </Button>
            )
          }
        >
          {official.posts.length ? (
            <MiniTable
              label={t("posts")}
              head={[t("unit"), t("job"), t("from"), t("until"), ""]}
              rows={official.posts.map((post) => ({
                key: post.id,
                cells: [
                  post.unit_name,
                  <span key="title">
                    {post.title} {post.is_top_leader && <Tag tone="accent">{t("topLeader")}</Tag>}
                  </span>,
                  post.started_on,
                  post.ended_on ?? <Tag key="now" tone="ok">{t("inPost")}</Tag>,
                  may("end_post") && !post.ended_on ? (
                    <span key="acts" className={css.acts}>
                      <Button type="link" size="small" onClick={() => setEnding(post)}>
                        {t("endPost")}
                      </Button>
                    </span>
                  ) : (
                    ""
                  ),
                ],
              }))}
            />
          ) : (
            <Nothing>{t("noPosts")}</Nothing>
          )}
        </Card>
      </Columns>
      <OfficialForm open={form === "edit"} onClose={() => setForm(null)} official={official} />
      <PostForm open={form === "post"} onClose={() => setForm(null)} official={official} />
      <PostEndForm onClose={() => setEnding(null)} official={official} post={ending} />
    </>
  );
}

function Projects({ official }: { official: Official }) {
  const { t } = useTranslation("officials");
  const { label, field } = useMeta();
  const today = useToday();
  const pages = usePages<Schemas["OfficialProject"], Schemas["Page_OfficialProject_"]>(
    ["official-projects", official.id],
    (asked) => readProjectsOf(official.id, asked),
    20,
  );
  const { query, first, rows, onEnd } = pages;
  const of = (name: string) => said(field("project", name));
  return (
    <Card
      title={t("projects")}
      note={first?.count ? t("projectCount", { count: first.count.value }) : undefined}
      extra={rows.length > 0 && <To href={`/projects?leader_id=${official.id}`}>{t("inLedger")}</To>}
    >
      <QueryView query={query} skeleton={<Skeleton rows={5} />}>
        {() =>
          rows.length ? (
            <>
              <MiniTable
                label={t("projects")}
                main={1}
                head={[of("code"), of("name"), of("stage"), t("role"), of("unit"), of("due_on")]}
                rows={rows.map((row) => ({
                  key: `${row.id} ${row.role}`,
                  cells: [
                    <span key="code" className={css.code}>{row.code}</span>,
                    <To key="name" href={`/projects/${row.id}`}><RecordName of={row} /></To>,
                    <StageTag key="stage" stage={row.stage} />,
                    said(label("MemberRole", row.role)),
                    row.unit ? shortNameOf(row.unit) : t("common:notFilled"),
                    row.due_on ? (
                      row.due_on < today ? (
                        <span key="due" className={css.over} title={t("overdue")}>
                          <CircleAlert size={12} strokeWidth={1.75} aria-label={t("overdue")} />
                          {shortDay(row.due_on, today)}
                        </span>
                      ) : (
                        shortDay(row.due_on, today)
                      )
                    ) : (
                      <span key="due" className={css.quiet}>{t("common:clock.noLimit")}</span>
                    ),
                  ],
                }))}
              />
              {query.hasNextPage && (
                <Button block size="small" loading={query.isFetchingNextPage} onClick={onEnd}>
                  {t("records:more")}
                </Button>
              )}
            </>
          ) : (
            <Nothing>{t("noProjects")}</Nothing>
          )
        }
      </QueryView>
    </Card>
  );
}
