import { lazy, Suspense } from "react";
import { Shell } from "@/app/shell/Shell";
import { Toaster } from "@/shared/Toaster";

const FollowUpSheet = lazy(() => import("@/shared/forms/FollowUpSheet").then((one) => ({ default: one.FollowUpSheet })));

/** The frame of every page, with the sheet that opens over any of them. */
export function Frame() {
  return (
    <>
      <Shell />
      <Suspense>
        <FollowUpSheet />
      </Suspense>
      <Toaster />
    </>
  );
}
