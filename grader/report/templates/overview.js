"use strict";
const chosen = (id) => document.getElementById(id).value;
function show() {
  const words = chosen("find").toLowerCase(), status = chosen("status"), mistake = chosen("mistake");
  let count = 0;
  for (const row of document.querySelectorAll(".everyone tbody tr")) {
    const fits = row.textContent.toLowerCase().includes(words)
      && (!status || row.dataset.status === status)
      && (!mistake || row.dataset.mistakes.split(" ").includes(mistake));
    row.hidden = !fits;
    count += fits;
  }
  document.getElementById("shown").textContent = count + " shown";
}
for (const id of ["find", "status", "mistake"]) document.getElementById(id).addEventListener("input", show);
show();
