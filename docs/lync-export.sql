-- What `lyceum import --from lync` reads, out of the database of a Persistent Chat pool of Lync
-- Server 2013 or Skype for Business Server 2015.
--
-- How it is run stands in docs/moving.md. Nothing here writes: SELECT alone, with the columns that
-- Microsoft's documentation of the database names. A login with db_datareader is enough. Run it on
-- a restored copy of the database `mgc`, best with the Persistent Chat service stopped before the
-- backup was made.
--
-- It is one script of two forms, and either will do; the variable FORM says which.
--   FORM=json  form A: a JSON object a row. SQL Server 2016 or newer.
--   FORM=hex   form B: fields between tabs, texts in hex. Any version.
-- The script itself reads no table of the pool but the catalogue: it prints the commands for bcp,
-- one for each file. So that it can be looked through before anything runs:
--
--   sqlcmd -S SERVER\INSTANCE -d mgc -E -w 65535 -v FORM="json" -i lync-export.sql -o export.cmd
--   mkdir export
--   cd export
--   ..\export.cmd
--
-- The commands go to the server and the database to which sqlcmd was connected.

SET NOCOUNT ON;

DECLARE @tables TABLE (place int IDENTITY, name varchar(20), columns nvarchar(max), source nvarchar(max));

-- Columns in their order, each with the sort that form B needs: # as it is, b for a bit, x for a text.
INSERT INTO @tables (name, columns, source) VALUES
('nodes',
 N'#nodeID #nodeGuid #parentID bnodeType xnodeName xnodeDesc binvite blogged bfilePost bdisabled #behavior #visibility #siopID #nodeAddedBy #nodeAddedOn',
 N'dbo.tblNode AS t ORDER BY t.nodeType DESC, t.nodeID'),
('principals',
 N'#prinID #prinGuid #prinTypeID xprinUri xprinName xprinDisplayName xprinADPath #prinDisabled',
 N'dbo.tblPrincipal AS t ORDER BY t.prinID'),
('roles',
 N'#prinRoleNodeID #prinRolePrinID xrtypeDesc #rtypeAllowedPermSet',
 N'(SELECT pr.prinRoleNodeID, pr.prinRolePrinID, rt.rtypeDesc, rt.rtypeAllowedPermSet FROM dbo.tblPrincipalRole AS pr JOIN dbo.tblRoleType AS rt ON rt.rtypeID = pr.prinRoleTypeID) AS t ORDER BY t.prinRoleNodeID, t.prinRolePrinID'),
('scopes',
 N'#scopeNodeID #scopePrinID bscopeIsDenied',
 N'dbo.tblScopePrincipal AS t ORDER BY t.scopeNodeID, t.scopePrinID'),
('addins',
 N'#siopID xsiopName xsiopUrl',
 N'dbo.tblSiopWhiteList AS t ORDER BY t.siopID'),
('enums',
 N'#valueID xattributeName xattributeValue',
 N'(SELECT v.valueID, a.attributeName, v.attributeValue FROM dbo.tblEnumValue AS v JOIN dbo.tblEnumAttribute AS a ON a.attributeID = v.attributeID) AS t ORDER BY t.valueID'),
-- The people in those groups that are used, as far as the server has met them.
('affiliations',
 N'#affiliationID #principalID',
 N'(SELECT DISTINCT a.affiliationID, a.principalID FROM dbo.tblPrincipalAffiliations AS a JOIN dbo.tblPrincipal AS u ON u.prinID = a.principalID AND u.prinTypeID = 5 WHERE a.affiliationID <> a.principalID AND a.affiliationID IN (SELECT prinRolePrinID FROM dbo.tblPrincipalRole UNION SELECT scopePrinID FROM dbo.tblScopePrincipal)) AS t ORDER BY t.affiliationID, t.principalID'),
-- For what was said later, add WHERE t.chatDate > TICKS and write it to chat-2.jsonl or chat-2.tsv.
('chat',
 N'#channelId #chatId #chatDate #userId bisAlert xcontent',
 N'dbo.tblChat AS t ORDER BY t.channelId, t.chatId'),
('counts',
 N'#channelId #messages',
 N'(SELECT c.channelId, COUNT_BIG(*) AS messages FROM dbo.tblChat AS c GROUP BY c.channelId) AS t ORDER BY t.channelId');

DECLARE @form varchar(10) = '$(FORM)';
DECLARE @place int = 1, @name varchar(20), @columns nvarchar(max), @source nvarchar(max);
DECLARE @select nvarchar(max), @one nvarchar(200), @kind nchar(1), @column nvarchar(200), @blank int;

IF @form NOT IN ('json', 'hex')
    RAISERROR('FORM is json or hex', 16, 1);

WHILE @form IN ('json', 'hex') AND EXISTS (SELECT 1 FROM @tables WHERE place = @place)
BEGIN
    SELECT @name = name, @columns = columns + N' ', @source = source FROM @tables WHERE place = @place;
    SET @select = N'';
    WHILE LEN(@columns) > 0
    BEGIN
        SET @blank = CHARINDEX(N' ', @columns);
        SET @one = LEFT(@columns, @blank - 1);
        SET @columns = SUBSTRING(@columns, @blank + 1, LEN(@columns));
        SET @kind = LEFT(@one, 1);
        SET @column = N't.' + SUBSTRING(@one, 2, 200);
        SET @select = @select + CASE WHEN @select = N'' THEN N'' ELSE N', ' END + CASE
            WHEN @form = 'json' OR @kind = N'#' THEN @column
            WHEN @kind = N'b' THEN N'CONVERT(int, ' + @column + N')'
            ELSE N'''x'' + CONVERT(varchar(max), CONVERT(varbinary(max), CONVERT(nvarchar(max), ' + @column + N')), 2)'
        END;
    END;
    PRINT CAST(N'bcp "SELECT ' + CASE @form
        WHEN 'json' THEN N'(SELECT ' + @select + N' FOR JSON PATH, INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER)'
        ELSE @select END
        + N' FROM ' + @source + N'" queryout ' + @name
        + CASE @form WHEN 'json' THEN N'.jsonl -w' ELSE N'.tsv -c' END
        + N' -S ' + @@SERVERNAME + N' -d ' + DB_NAME() + N' -T' AS nvarchar(4000));
    SET @place = @place + 1;
END;
