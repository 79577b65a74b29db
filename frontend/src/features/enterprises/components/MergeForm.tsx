import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ArrowRight, CircleX, Pause } from "lucide-react";
import { useState } from "react";
import { api, queries, type Schemas } from "@/api/client";
import { said, useTranslation } from "@/i18n";
import { SheetForm } from "@/shared/forms/SheetForm";
import { ErrorView, Skeleton } from "@/shared/StateView";
import { plainName } from "@/shared/RecordName";
import type { Enterprise } from "../api";
import css from "../enterprises.module.css";

interface Props {
  open: boolean;
  onClose: () => void;
  enterprise: Enterprise;
}

/** Merges the enterprise into another record of the same one; the dry run of the service says what that would do. */
export function MergeForm({ open, onClose, enterprise }: Props) {
  const { t } = useTranslation("enterprises");
  const navigate = useNavigate();
  const [into, setInto] = useState<string | null>(null);
  const preview = useQuery({
    ...queries.queryOptions("get", "/api/v1/enterprises/{enterprise_id}/merge", {
      params: { path: { enterprise_id: enterprise.id }, query: { into_id: into ?? "" } },
    }),
    enabled: open && into !== null,
  });
  const close = () => {
    setInto(null);
    onClose();
  };
  return (
    <SheetForm<Schemas["EnterpriseRead"]>
      open={open}
      onClose={close}
      title={t("merge.title", { name: plainName(enterprise.name) })}
      submit={t("merge.act")}
      isDanger
      isBlocked={!into || !preview.data?.is_possible}
      fields={[
        {
          kind: "record",
          name: "into_id",
          label: t("merge.into"),
          hint: t("merge.intoHint"),
          record: "enterprise",
          required: true,
          accepts: (hit) => hit.id !== enterprise.id,
        },
        { kind: "area", name: "reason", label: t("merge.reason"), required: true },
      ]}
      onValues={(values) => setInto((values.into_id as string | null) ?? null)}
      version={enterprise.version}
      act={(values, _, { header, headers }) =>
        api.POST("/api/v1/enterprises/{enterprise_id}/merge", {
          params: { path: { enterprise_id: enterprise.id }, header },
          body: values as Schemas["EnterpriseMergeCreate"],
          headers,
        })
      }
      onDone={() => into && void navigate({ to: `/enterprises/${into}` })}
    >
      {into && preview.error && <ErrorView error={preview.error} onRetry={() => void preview.refetch()} />}
      {into && preview.isLoading && <Skeleton rows={3} columns={1} />}
      {into && preview.data && (
        <div aria-live="polite">
          {preview.data.is_possible ? (
            <p className={`${css.heading} ${css.good}`}>{t("merge.possible")}</p>
          ) : (
            <Items tone="bad" title={t("merge.conflicts")} items={preview.data.conflicts} />
          )}
          <Items tone="good" title={t("merge.goesOver")} items={preview.data.goes_over} />
          <Items tone="plain" title={t("merge.stays")} items={preview.data.stays} />
        </div>
      )}
    </SheetForm>
  );
}

const ICONS = { bad: CircleX, good: ArrowRight, plain: Pause };

function Items({ title, items, tone }: { title: string; items: readonly Schemas["MergeItem"][]; tone: "bad" | "good" | "plain" }) {
  if (!items.length) return null;
  const Icon = ICONS[tone];
  return (
    <>
      <h3 className={css.heading}>{title}</h3>
      <ul className={css.list}>
        {items.map((item, index) => (
          <li key={index}>
            <Icon className={css[tone]} size={14} strokeWidth={1.75} aria-hidden="true" />
            {said(item)}
          </li>
        ))}
      </ul>
    </>
  );
}
