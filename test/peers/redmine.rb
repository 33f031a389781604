# Starts a Redmine of its own: in the folder that it is started in, which holds a copy of Debian's, with an empty database.
# Prints one line of JSON once it listens.
require 'json'
ENV['RAILS_ENV'] = 'production'
require File.join(Dir.pwd, 'config/environment')
require 'rack/handler/webrick'

ActiveRecord::Migration.verbose = false
ActiveRecord::Base.connection.migration_context.migrate
ActiveRecord::Base.descendants.each(&:reset_column_information)
Redmine::DefaultData::Loader.load('en')
Setting.rest_api_enabled = '1'

# What an account needs for tickets, and no more.
role = Role.create!(name: 'Tickets', permissions: %i[view_issues add_issues edit_issues add_issue_notes], issues_visibility: 'all')
tracker = Tracker.first
IssueStatus.all.to_a.permutation(2) do |from, to|
  WorkflowTransition.create!(role: role, tracker: tracker, old_status: from, new_status: to) unless from.name == 'Rejected'
end

def person(login)
  user = User.new(firstname: login, lastname: 'Example', mail: "#{login}@corp.example", mail_notification: 'only_my_events')
  user.login = login
  user.password = user.password_confirmation = SecureRandom.hex(16)
  user.save!
  user
end

def project(name, members, tracker)
  made = Project.new(name: name, identifier: name.downcase, is_public: true)
  made.trackers = [tracker]
  made.enabled_module_names = %w[issue_tracking wiki repository]
  made.save!
  members.each { |user, role| Member.create!(project: made, user: user, roles: [role]) }
  made
end

sender = person('sender')
# Whoever is mentioned gets a mail, and whoever is not gets none.
person('victim')
own = project('Security', [[sender, role]], tracker)
project('Elsewhere', [[sender, role]], tracker)
closed_to_it = project('Foreign', [], tracker)
stuck = Issue.create!(project: own, tracker: tracker, author: sender, subject: 'Stuck', status: IssueStatus.find_by!(name: 'Rejected'), priority: IssuePriority.first)
foreign = Issue.create!(project: closed_to_it, tracker: tracker, author: User.find_by!(login: 'admin'), subject: 'Foreign', priority: IssuePriority.first)

listening = lambda do |server|
  port = server.listeners.first.addr[1]
  $stdout.puts JSON.generate(port: port, key: sender.api_key, stuck: stuck.id, foreign: foreign.id, version: Redmine::VERSION.to_s)
  $stdout.flush
end
Rack::Handler::WEBrick.run(
  Rails.application,
  Host: '127.0.0.1', Port: 0, Logger: WEBrick::Log.new(File::NULL), AccessLog: [],
  &listening
)
