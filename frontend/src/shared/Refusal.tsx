/** Why an act is not open. What refuses several acts of a page alike is said once, at its head. */
import { createContext, useContext } from "react";
import type { Schemas } from "@/api/client";
import { said } from "@/i18n";

type Reason = Pick<Schemas["Reason-Output"], "zh" | "en">;

const Above = createContext<Reason | null>(null);

/** Around what stands below a refusal that has been said. */
export const SaidAbove = Above.Provider;

/** Returns the function that tells whether a refusal has been said at the head of the page. */
export function useIsSaid(): (reason: Reason) => boolean {
  const above = useContext(Above);
  return (reason) => reason.zh === above?.zh;
}

export function Refusal({ of, className }: { of: Reason | null | undefined; className?: string }) {
  const isSaid = useIsSaid();
  return of && !isSaid(of) ? <p className={className}>{said(of)}</p> : null;
}
