# Machines are judged by what they will run before Terraform makes them: whatever depends on
# `terraform_data.embargo` is made only where Embargo says "go ahead".
#
# It needs no provider. `embargo` stands in the PATH of whoever runs `terraform apply`.

terraform {
  required_version = ">= 1.4"
}

variable "embargo_server" {
  type        = string
  description = "The server that judges. Empty: the policies that `embargo` finds by itself."
  default     = ""
}

variable "hosts" {
  type        = any
  description = "The hosts, each with the names of HostFacts in a file of facts."
  default = {
    web-1 = {
      owner    = { kind = "government", jurisdictions = ["US"], sectors = ["federal-civilian"] }
      software = [{ name = "nginx", package_id = "nginx", version = "1.24.0", source = "deb_packages" }]
      coverage = [{ source = "deb_packages", state = "complete" }]
    }
  }
}

locals {
  # A host a line, as `embargo` reads many.
  embargo_facts = join("\n", [for name, facts in var.hosts : jsonencode(merge(facts, { host_id = name }))])
}

resource "terraform_data" "embargo" {
  # Asked again whenever a fact changes. For every apply: add timestamp().
  triggers_replace = [sha256(local.embargo_facts), var.embargo_server]

  provisioner "local-exec" {
    # A code other than 0 (denied, a review, no decision) ends the apply, and the resource counts as
    # not made, so that the next apply asks again.
    command = "printf '%s\n' \"$EMBARGO_FACTS\" | embargo gate - --from facts --action install $${EMBARGO_SERVER:+--server $EMBARGO_SERVER}"
    environment = {
      EMBARGO_FACTS  = local.embargo_facts
      EMBARGO_SERVER = var.embargo_server
    }
  }
}

# In place of your machines.
resource "terraform_data" "machine" {
  for_each   = var.hosts
  input      = each.key
  depends_on = [terraform_data.embargo]
}

# What a run task reads from the plan.
output "embargo_facts" {
  value     = [for name, facts in var.hosts : merge(facts, { host_id = name })]
  sensitive = false
}
