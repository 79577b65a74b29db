import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Button, Dropdown } from "antd";
import { Ellipsis, Pencil } from "lucide-react";
import { useState } from "react";
import { Title } from "@/app/shell/title";
import { useMeta, useToday } from "@/app/who";
import { nameOf, said, useTranslation } from "@/i18n";
import { Activity } from "@/shared/Activity";
import { Card } from "@/shared/Card";
import { Contacts } from "@/shared/Contacts";
import { countText } from "@/shared/counts";
import { shortDay } from "@/shared/days";
import { Money } from "@/shared/Money";
import { ProjectTable } from "@/shared/ProjectTable";
import { plainName, RecordName } from "@/shared/RecordName";
import { Columns, Facts, Figure, MiniTable, Nothing, RecordHead, Tag, useEditKey } from "@/shared/RecordPage";
import { useMarkSeen } from "@/shared/seen";
import { QueryView, Skeleton } from "@/shared/StateView";
import { To } from "@/shared/To";
import { dealsOptions, type Enterprise, enterpriseOptions, membersOptions, projectsOptions } from "../api";
import { EnterpriseForm } from "../components/EnterpriseForm";
import { MergeForm } from "../components/MergeForm";
import { Rankings } from "../components/Rankings";
import css from "../enterprises.module.css";

export function EnterprisePage() {
  const { enterpriseId } = useParams({ strict: false }) as { enterpriseId: string };
  const { t } = useTranslation("enterprises");
  const query = useQuery(enterpriseOptions(enterpriseId));
  const name = query.data ? plainName(nameOf(query.data)) : t("common:pages.enterprises");
  useMarkSeen(query.data ? { type: "enterprise", id: query.data.id, code: null, name: query.data.name } : null);
  return (
    <>
      <Title text={name}>
        <To href="/enterprises">{t("common:pages.enterprises")}</To>
        <h1>{name}</h1>
      </Title>
      <QueryView query={query} skeleton={<Skeleton rows={10} columns={3} />}>
        {(enterprise) => <Page key={enterprise.id} enterprise={enterprise} />}
      </QueryView>
    </>
  );
}

function Page({ enterprise }: { enterprise: Enterprise }) {
  const { t } = useTranslation("enterprises");
  const { label, field } = useMeta();
  const [form, setForm] = useState<"edit" | "merge" | null>(null);
  const projects = useQuery(projectsOptions(enterprise.id));
  const deals = useQuery(dealsOptions(enterprise.id));
  const of = (name: string) => said(field("enterprise", name));
  const may = (act: string) => act in enterprise.may && enterprise.may[act] === null;
  useEditKey(may("edit") ? () => setForm("edit") : null);
  const ledger = `/projects?investor_id=${enterprise.id}`;
  const more = [
    ...("merge" in enterprise.may
      ? [{ key: "merge", label: t("merge.menu"), disabled: !may("merge"), title: said(enterprise.may.merge), onClick: () => setForm("merge") }]
      : []),
  ];
  return (
    <>
      {enterprise.successor && (
        <p className={css.merged}>
          {t("isMerged")} <To href={`/enterprises/${enterprise.successor.id}`}>{enterprise.successor.name}</To>
        </p>
      )}
      <RecordHead
        name={<RecordName of={enterprise} illustrative={enterprise.is_illustrative} />}
        figures={
          <>
            <Figure caption={t("projects")} href={ledger}>
              {projects.data ? countText(projects.data.count) : "…"} <small>{t("common:unit.project", { count: projects.data?.count?.value })}</small>
            </Figure>
            <Figure caption={t("deals")} href={`/deals?investor_id=${enterprise.id}&status=live`}>
              {deals.data?.sum ? countText(deals.data.sum.count) : "…"} <small>{t("common:unit.deal", { count: deals.data?.sum?.count })}</small>
            </Figure>
            <Figure caption={t("signed")} href={`/deals?investor_id=${enterprise.id}&status=live`}>
              {deals.data?.sum ? <Money yuan={deals.data.sum.agreed_amount} /> : "…"}
            </Figure>
          </>
        }
        acts={
          <>
            {may("edit") && (
              <Button icon={<Pencil size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={() => setForm("edit")}>
                {t("common:edit")}
              </Button>
            )}
            {more.length > 0 && (
              <Dropdown menu={{ items: more }} trigger={["click"]} placement="bottomRight">
                <Button aria-label={t("common:more")} icon={<Ellipsis size={16} strokeWidth={1.75} aria-hidden="true" />} />
              </Dropdown>
            )}
          </>
        }
      >
        {enterprise.origin && <Tag tone="accent">{said(label("Origin", enterprise.origin))}</Tag>}
        {enterprise.ownership && <Tag>{said(label("Ownership", enterprise.ownership))}</Tag>}
        {enterprise.industry && <span>{said(enterprise.industry)}</span>}
        {enterprise.parent && (
          <span>
            {t("group")} <To href={`/enterprises/${enterprise.parent.id}`}><RecordName of={enterprise.parent} /></To>
          </span>
        )}
        {(enterprise.credit_code ?? enterprise.registration_no) && (
          <span className={css.code}>{enterprise.credit_code ?? enterprise.registration_no}</span>
        )}
      </RecordHead>
      <Columns side={<Activity of="enterprise" id={enterprise.id} />}>
        <Card
          title={t("projects")}
          note={projects.data?.count && projects.data.count.value > projects.data.items.length ? t("largest", { count: projects.data.items.length }) : undefined}
          extra={projects.data?.items.length ? <To href={ledger}>{t("inLedger")}</To> : undefined}
        >
          <QueryView query={projects} skeleton={<Skeleton rows={3} />}>
            {(list) => (list.items.length ? <ProjectTable label={t("projects")} rows={list.items} /> : <Nothing>{t("noProjects")}</Nothing>)}
          </QueryView>
        </Card>
        <Deals id={enterprise.id} />
        <Contacts
          of="enterprise"
          id={enterprise.id}
          mayAdd={may("add_contact")}
          closed={enterprise.may.add_contact?.code === "forbidden" ? enterprise.may.add_contact : null}
        />
        <Rankings enterprise={enterprise} mayAdd={may("add_ranking")} />
        <Members id={enterprise.id} />
        <Card title={t("facts")}>
          <Facts
            facts={[
              { label: of("origin"), value: enterprise.origin && said(label("Origin", enterprise.origin)) },
              { label: of("ownership"), value: enterprise.ownership && said(label("Ownership", enterprise.ownership)) },
              { label: of("industry"), value: enterprise.industry && said(enterprise.industry) },
              { label: of("credit_code"), value: enterprise.credit_code },
              ...(enterprise.country ? [
                { label: of("country"), value: enterprise.country },
                { label: of("registration_no"), value: enterprise.registration_no },
              ] : []),
              { label: of("registered_place"), value: enterprise.registered_place },
              { label: of("headquarters"), value: enterprise.headquarters },
              { label: of("source"), value: enterprise.source, isWide: true },
            ]}
          />
        </Card>
      </Columns>
      <EnterpriseForm open={form === "edit"} onClose={() => setForm(null)} enterprise={enterprise} />
      <MergeForm open={form === "merge"} onClose={() => setForm(null)} enterprise={enterprise} />
    </>
  );
}

function Deals({ id }: { id: string }) {
  const { t } = useTranslation("enterprises");
  const { label, field } = useMeta();
  const today = useToday();
  const deals = useQuery(dealsOptions(id));
  const of = (name: string) => said(field("deal", name));
  return (
    <Card title={t("deals")} extra={deals.data?.items.length ? <To href={`/deals?investor_id=${id}`}>{t("allDeals")}</To> : undefined}>
      <QueryView query={deals} skeleton={<Skeleton rows={2} />}>
        {(list) =>
          list.items.length ? (
            <MiniTable
              label={t("deals")}
              head={[of("title"), of("status"), of("signed_on"), `${of("agreed_amount")} ${t("common:unit.yi")}`]}
              right={[3]}
              rows={list.items.map((row) => ({
                key: row.id,
                cells: [
                  <To key="title" href={`/deals?open=${row.id}`}>
                    <RecordName of={{ name: row.title }} illustrative={row.is_illustrative} />
                  </To>,
                  said(label("DealStatus", row.status)),
                  row.signed_on ? <span key="on" className="tabular">{shortDay(row.signed_on, today)}</span> : t("common:notFilled"),
                  <Money key="amount" yuan={row.agreed_amount} unit="yi" decimals={2} hasUnit={false} />,
                ],
              }))}
            />
          ) : (
            <Nothing>{t("noDeals")}</Nothing>
          )
        }
      </QueryView>
    </Card>
  );
}

/** The enterprises of the group; nothing is shown where it has none. */
function Members({ id }: { id: string }) {
  const { t } = useTranslation("enterprises");
  const members = useQuery(membersOptions(id));
  const rows = members.data?.items ?? [];
  if (!rows.length) return null;
  return (
    <Card title={t("members")} extra={<To href={`/enterprises?parent_id=${id}`}>{t("allMembers")}</To>}>
      <MiniTable
        label={t("members")}
        head={[t("name"), t("projects"), t("signedYi")]}
        right={[1, 2]}
        rows={rows.map((row) => ({
          key: row.id,
          cells: [
            <To key="name" href={`/enterprises/${row.id}`}>
              <RecordName of={row} illustrative={row.is_illustrative} />
            </To>,
            row.business?.projects ?? "",
            <Money key="signed" yuan={row.business?.signed_amount} unit="yi" decimals={2} hasUnit={false} />,
          ],
        }))}
      />
    </Card>
  );
}
