// A button that takes a text file, chosen or dragged onto it. Of a larger file than is read, one byte too many is sent:
// the server cuts the connection to the kernel at a message of 10 MiB, and nobody would say why nothing happens.
function render({ model, el }) {
  const input = Object.assign(document.createElement("input"), { type: "file", hidden: true });
  const button = document.createElement("button");
  button.className = "jupyter-widgets jupyter-button widget-button";
  button.style.cssText = "width: 100%; margin: 0";
  const icon = Object.assign(document.createElement("i"), { className: "fa fa-upload" });
  button.append(icon, model.get("description"));
  el.append(button, input);

  const send = async (file) => {
    try {
      const content = await file.slice(0, model.get("most") + 1).arrayBuffer();
      model.send({ name: file.name }, undefined, [content]);
    } catch (error) {
      model.send({ name: file.name, error: error.message }); // a folder, or a file that may not be read
    }
  };
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    if (input.files.length) send(input.files[0]);
    input.value = ""; // so that the same file can be chosen again after a change
  });
  button.addEventListener("dragover", (event) => event.preventDefault());
  button.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation(); // JupyterLab would put the file into its folder
    if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
  });
}

export default { render };
