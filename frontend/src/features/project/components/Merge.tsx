/** Merging into another record of the same project: what would go over, what stays, and what prevents it, before it is done. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button, Input } from "antd";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { said, useTranslation } from "@/i18n";
import { Field } from "@/shared/forms/Field";
import { plainName } from "@/shared/RecordName";
import { RefSelect } from "@/shared/RefSelect";
import { Sheet } from "@/shared/Sheet";
import { QueryView, Skeleton } from "@/shared/StateView";
import { toast } from "@/shared/toast";
import { useAct } from "@/shared/useAct";
import type { Project } from "../api";
import css from "./merge.module.css";

export function Merge({ project, onClose }: { project: Project; onClose: () => void }) {
  const { t } = useTranslation("project");
  const navigate = useNavigate();
  const [into, setInto] = useState<{ id: string; name: string } | null>(null);
  const [reason, setReason] = useState("");
  const preview = useQuery({
    ...queries.queryOptions("get", "/api/v1/projects/{project_id}/merge", {
      params: { path: { project_id: project.id }, query: { into_id: into?.id ?? "" } },
    }),
    enabled: into !== null,
    staleTime: 0,
  });
  const act = useAct<Schemas["MergeCreate"], Schemas["ProjectRead"]>({
    act: (body, { header, headers }) =>
      api.POST("/api/v1/projects/{project_id}/merge", { params: { path: { project_id: project.id }, header }, body, headers }),
    version: () => preview.data?.version ?? project.version,
    onDone: (_, body) => {
      onClose();
      toast(t("merge.done", { name: into ? plainName(into.name) : "" }));
      void navigate({ to: "/projects/$projectId", params: { projectId: body.into_id } });
    },
  });
  const canMerge = preview.data?.is_possible === true && reason.trim() !== "";
  return (
    <Sheet
      open
      title={t("acts.merge.menu")}
      width={560}
      onClose={onClose}
      foot={
        <div className={css.foot}>
          <Button onClick={onClose}>{t("common:cancel")}</Button>
          <Button
            type="primary"
            danger
            disabled={!canMerge}
            loading={act.isPending}
            onClick={() => into && act.mutate({ into_id: into.id, reason: reason.trim() })}
          >
            {t("merge.submit")}
          </Button>
        </div>
      }
    >
      <p className={css.note}>{t("merge.note", { name: plainName(project.name), code: project.code })}</p>
      <Field id="merge-into" label={t("merge.into")} isRequired>
        <RefSelect
          id="merge-into"
          kind="project"
          autoFocus
          value={into?.id}
          style={{ width: "100%" }}
          accepts={(hit) => hit.id !== project.id}
          onChange={(id, name) => setInto(id ? { id, name } : null)}
        />
      </Field>
      {into && (
        <QueryView query={preview} skeleton={<Skeleton rows={4} columns={1} />}>
          {(found) => (
            <div className={css.parts}>
              <Part title={t("merge.conflicts")} items={found.conflicts} tone="bad" />
              <Part title={t("merge.goesOver")} items={found.goes_over} tone="good" />
              <Part title={t("merge.stays")} items={found.stays} tone="plain" />
              <p className={found.is_possible ? css.good : css.bad}>{found.is_possible ? t("merge.possible") : t("merge.impossible")}</p>
            </div>
          )}
        </QueryView>
      )}
      <Field id="merge-reason" label={t("merge.reason")} isRequired>
        <Input.TextArea id="merge-reason" value={reason} autoSize={{ minRows: 2 }} onChange={(event) => setReason(event.target.value)} />
      </Field>
    </Sheet>
  );
}

function Part({ title, items, tone }: { title: string; items: readonly Schemas["MergeItem"][]; tone: "good" | "bad" | "plain" }) {
  if (!items.length) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {items.map((item) => (
          <li key={item.code} className={css[tone]}>
            {said(item)}
            {item.count ? <b> {item.count}</b> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
