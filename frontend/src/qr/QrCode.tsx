import { useEffect, useState } from "react";

const QUIET = 4; // modules of white around, as the standard asks

interface Picture {
  size: number;
  path: string;
}

async function draw(text: string): Promise<Picture> {
  const { default: qrcode } = await import("qrcode-generator");
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  let path = "";
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      if (code.isDark(row, column)) path += `M${column + QUIET} ${row + QUIET}h1v1h-1z`;
    }
  }
  return { size: count + 2 * QUIET, path };
}

/** Draws a QR code in the browser: the key inside is a secret and goes to no other service. Stays empty where the part
 * that draws cannot be loaded; the key stands beside it as text. */
export function QrCode({ text, label, className }: { text: string; label: string; className?: string }) {
  const [picture, setPicture] = useState<Picture | null>(null);
  useEffect(() => {
    let isCurrent = true;
    draw(text).then(
      (drawn) => isCurrent && setPicture(drawn),
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [text]);
  return (
    <div className={className}>
      {picture && (
        <svg role="img" aria-label={label} viewBox={`0 0 ${picture.size} ${picture.size}`} shapeRendering="crispEdges">
          <path d={picture.path} fill="currentColor" />
        </svg>
      )}
    </div>
  );
}
