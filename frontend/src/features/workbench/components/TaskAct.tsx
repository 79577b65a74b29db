/** The form of the act that clears a task, beside the queue. */
import { Form, Input, Segmented } from "antd";
import { useState } from "react";
import { api, type Schemas } from "@/api/client";
import { useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { DayField } from "@/shared/DayField";
import { FormSheet } from "@/shared/FormSheet";
import { AnswerFields, AssessFields } from "@/shared/forms/LeadFields";
import { LeaderForm } from "@/shared/forms/LeaderForm";
import { TeamForm } from "@/shared/forms/TeamForm";
import { plainName } from "@/shared/RecordName";
import { Sheet } from "@/shared/Sheet";
import type { Task } from "../api";
import type { ActOf } from "./TaskLine";

/** The acts that have a form here; the others are done where the record is. */
export const HERE = new Set(["answer_lead", "assess_lead", "report_milestone", "pause_project", "appoint_leader", "set_team"]);

interface Props {
  task: Task;
  act: ActOf;
  onClose: () => void;
}

export function TaskAct({ task, act, onClose }: Props) {
  const { t } = useTranslation("workbench");
  const today = useToday();
  const [isActual, setIsActual] = useState(false);
  const { id, version } = task.subject;
  const title = `${said(act)} · ${plainName(task.subject.name)}`;
  const common = { title, submit: said(act), onClose, draft: `${act.operation}.${task.id}`, version: version ?? 0, note: said(task) };
  const required = [{ required: true, message: t("common:required") }];
  switch (act.operation) {
    case "appoint_leader":
      return (
        <Sheet open title={title} onClose={onClose}>
          <LeaderForm projectId={id} onDone={onClose} />
        </Sheet>
      );
    case "set_team":
      return (
        <Sheet open title={title} onClose={onClose}>
          <TeamForm projectId={id} onDone={onClose} />
        </Sheet>
      );
    case "answer_lead":
      return (
        <FormSheet<Schemas["LeadAnswer"], unknown>
          {...common}
          initial={{ on: today }}
          act={(body, { header, headers }) =>
            api.POST("/api/v1/leads/{lead_id}/answer", { params: { path: { lead_id: id }, header }, headers, body })
          }
        >
          <AnswerFields />
        </FormSheet>
      );
    case "assess_lead":
      return (
        <FormSheet<Schemas["LeadAssess"], unknown>
          {...common}
          initial={{ on: today, outcome: "follow_up" }}
          act={(body, { header, headers }) =>
            api.POST("/api/v1/leads/{lead_id}/assessments", { params: { path: { lead_id: id }, header }, headers, body })
          }
        >
          <AssessFields />
        </FormSheet>
      );
    case "report_milestone":
      return (
        <FormSheet<Schemas["MilestoneReportCreate"], unknown>
          {...common}
          act={({ forecast_on, actual_on, note }, { headers }) =>
            api.POST("/api/v1/projects/{project_id}/milestones/{milestone_id}/reports", {
              params: { path: { project_id: id, milestone_id: /milestones\/([^/]+)/.exec(act.path)![1]! } },
              body: { note: note || null, ...(isActual ? { actual_on } : { forecast_on }) },
              headers,
            })
          }
        >
          <Form.Item>
            <Segmented
              block
              aria-label={t("form.report")}
              value={isActual}
              options={[
                { value: false, label: t("form.forecast") },
                { value: true, label: t("form.actual") },
              ]}
              onChange={setIsActual}
            />
          </Form.Item>
          {isActual ? (
            <Form.Item key="actual" name="actual_on" label={t("form.actualOn")} rules={required}>
              <DayField max={today} />
            </Form.Item>
          ) : (
            <Form.Item key="forecast" name="forecast_on" label={t("form.forecastOn")} rules={required}>
              <DayField min={today} />
            </Form.Item>
          )}
          <Form.Item name="note" label={isActual ? t("form.proof") : t("form.note")} rules={isActual ? required : []}>
            <Input.TextArea rows={3} maxLength={4000} />
          </Form.Item>
        </FormSheet>
      );
    case "pause_project":
      return (
        <FormSheet<Schemas["PauseCreate"], unknown>
          {...common}
          initial={{ happened_on: today }}
          act={(body, { header, headers }) =>
            api.POST("/api/v1/projects/{project_id}/pause", { params: { path: { project_id: id }, header }, headers, body })
          }
        >
          <Form.Item name="reason" label={t("form.reason")} rules={required}>
            <Input.TextArea autoFocus rows={3} maxLength={4000} />
          </Form.Item>
          <Form.Item name="happened_on" label={t("form.happenedOn")} rules={required}>
            <DayField max={today} />
          </Form.Item>
          <Form.Item name="resume_expected_on" label={t("form.resumeOn")} rules={required}>
            <DayField min={today} />
          </Form.Item>
        </FormSheet>
      );
    default:
      return null;
  }
}
