import type { Schemas } from "@/api/client";
import { RefSelect } from "@/shared/RefSelect";

interface Props {
  label: string;
  kind: Schemas["Kind"];
  value: string | undefined;
  onChange: (value: string) => void;
}

/** A condition by one record. Once chosen it stands among the chips, which drop it. */
export function RecordFilter({ label, kind, value, onChange }: Props) {
  if (value) return null;
  return <RefSelect kind={kind} placeholder={label} label={label} style={{ width: 140 }} onChange={(id) => id && onChange(id)} />;
}
