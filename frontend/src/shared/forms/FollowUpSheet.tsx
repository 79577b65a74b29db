/** «Add follow-up» from anywhere: on the project named, else on the one that is chosen, of which those seen last
 * are offered at once. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { queries } from "@/api/client";
import { onFollowUp } from "@/app/followUp";
import { said, useTranslation } from "@/i18n";
import { plainName, RecordName } from "../RecordName";
import { RefSelect } from "../RefSelect";
import { toast } from "../toast";
import { useSeen } from "../seen";
import { Sheet } from "../Sheet";
import { ErrorView, Skeleton } from "../StateView";
import { FollowUpForm } from "./FollowUpForm";
import css from "./sheet.module.css";

const SEEN = 5;

export function FollowUpSheet() {
  const { t } = useTranslation("followup");
  const [isOpen, setIsOpen] = useState(false);
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => {
    return onFollowUp((id) => {
      setAsked(id ?? null);
      setIsOpen(true);
    });
  }, []);
  return (
    <Sheet open={isOpen} title={t("title")} width={440} onClose={() => setIsOpen(false)}>
      <Content asked={asked} onAsk={setAsked} onClose={() => setIsOpen(false)} />
    </Sheet>
  );
}

interface ContentProps {
  asked: string | null;
  onAsk: (id: string | null) => void;
  onClose: () => void;
}

function Content({ asked: id, onAsk, onClose }: ContentProps) {
  const { t } = useTranslation("followup");
  const navigate = useNavigate();
  const seen = useSeen().filter((one) => one.type === "project").slice(0, SEEN);
  const [isChoosing, setIsChoosing] = useState(false);
  const query = useQuery({
    ...queries.queryOptions("get", "/api/v1/projects/{project_id}", {
      params: { path: { project_id: id ?? "" }, query: { include: "clock" } },
    }),
    enabled: id !== null,
  });

  if (!id || isChoosing) {
    return (
      <div className={css.choose}>
        <label htmlFor="follow-up-project">{t("which")}</label>
        <RefSelect
          kind="project"
          id="follow-up-project"
          autoFocus
          onChange={(chosen) => {
            onAsk(chosen);
            setIsChoosing(false);
          }}
        />
        {!isChoosing &&
          seen.map((one) => (
            <Button key={one.id} className={css.seen} onClick={() => onAsk(one.id)}>
              {plainName(one.name)}
            </Button>
          ))}
        {isChoosing && (
          <Button type="link" onClick={() => setIsChoosing(false)}>
            {t("keep")}
          </Button>
        )}
      </div>
    );
  }
  if (query.error) return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  const project = query.data;
  if (!project) return <Skeleton rows={4} columns={1} />;
  const refused = project.may.follow_up;
  const done = () => {
    onClose();
    toast(t("done", { name: plainName(project.name) }), {
      text: t("open"),
      run: () => void navigate({ to: "/projects/$projectId", params: { projectId: project.id } }),
    });
  };
  return (
    <>
      <p className={css.project}>
        <span>
          <RecordName of={project} illustrative={project.is_illustrative} />
        </span>
        <Button type="link" size="small" onClick={() => setIsChoosing(true)}>
          {t("another")}
        </Button>
      </p>
      {refused ? (
        <p className={css.refused}>{said(refused)}</p>
      ) : (
        <FollowUpForm of={{ type: "project", id: project.id }} clock={project.clock} shape="sheet" autoFocus onDone={done} />
      )}
    </>
  );
}
