import { test } from "uvu";
import * as assert from "uvu/assert";
import { lavapipeHint } from "../../src/node/lavapipe-hint.js";

test("SwiftShader's remark names the command of the system that gets lavapipe", () => {
  const bookworm = 'PRETTY_NAME="Debian GNU/Linux 12"\nVERSION_CODENAME=bookworm\nID=debian\n';
  assert.match(lavapipeHint(bookworm), /apt install -t bookworm-backports mesa-vulkan-drivers/);
  const mint = 'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\n';
  assert.match(lavapipeHint(mint), /sudo apt install mesa-vulkan-drivers \(/);
  assert.match(lavapipeHint("ID=fedora\n"), /sudo dnf install mesa-vulkan-drivers/);
  assert.match(lavapipeHint('ID="rocky"\nID_LIKE="rhel centos fedora"\n'), /sudo dnf install/);
  assert.match(lavapipeHint("ID=arch\n"), /install the Vulkan drivers of Mesa/);
  assert.match(lavapipeHint(""), /install the Vulkan drivers of Mesa/);
});

test.run();
